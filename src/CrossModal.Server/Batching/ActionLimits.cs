using System.Globalization;
using CrossModal.Data;

namespace CrossModal.Server.Batching;

/// <summary>The actions that may be sent: finite, and within the range of the training data widened by a margin.</summary>
internal sealed class ActionLimits
{
    private readonly IReadOnlyList<Quantity> _actions;
    private readonly float[] _least;
    private readonly float[] _most;

    /// <summary>The limits of a policy's actions.</summary>
    /// <param name="actions">The numbers of an action with their ranges; one without a range must only be finite.</param>
    /// <param name="margin">By which share of its width a range is widened on each side.</param>
    public ActionLimits(IReadOnlyList<Quantity> actions, double margin)
    {
        _actions = actions;
        _least = [.. actions.Select(a => a.Least is { } least ? least - Width(a, margin) : float.NegativeInfinity)];
        _most = [.. actions.Select(a => a.Most is { } most ? most + Width(a, margin) : float.PositiveInfinity)];
    }

    /// <summary>Refuses an action that must not be carried out.</summary>
    /// <exception cref="RefusedException">A number is not finite, or outside its range.</exception>
    public void Check(ReadOnlySpan<float> action)
    {
        for (var i = 0; i < action.Length; i++)
        {
            var a = _actions[i];
            if (!float.IsFinite(action[i])) throw new RefusedException(Refusal.Unsafe, $"the policy's '{a.Name}' is {action[i]}: not sent");
            if (action[i] < _least[i] || action[i] > _most[i])
                throw new RefusedException(Refusal.Unsafe, string.Create(CultureInfo.InvariantCulture,
                    $"the policy's '{a.Name}' is {action[i]:g4} {a.Unit}, outside {_least[i]:g4} to {_most[i]:g4}: not sent"));
        }
    }

    private static float Width(Quantity action, double margin) =>
        action is { Least: { } least, Most: { } most } ? (float)(margin * (most - least)) : 0;
}
