using CrossModal.Explain.Monitor;

namespace CrossModal.Policies;

/// <summary>What a policy decided for one observation and one instruction; overwritten by the next step.</summary>
public sealed class Decision
{
    private readonly TrainedPolicy _trained;
    private readonly float[] _action;
    private readonly float[] _points;
    private readonly bool[] _clipped;

    internal Decision(TrainedPolicy trained)
    {
        _trained = trained;
        var actions = trained.Signature.Actions;
        (_action, _clipped) = (new float[actions.Count], new bool[actions.Count]);
        _points = new float[3 * trained.Policy.Options.Head.Points];
        Names = [.. actions.Select(a => a.Name)];
        Units = [.. actions.Select(a => a.Unit)];
    }

    /// <summary>The action <c>[A]</c> in the units of training; a gripper that is opened and closed is last, as 0 (open) or 1
    /// (close).</summary>
    public ReadOnlySpan<float> Action => _action;

    /// <summary>What each number of the action is.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The unit of each number of the action.</summary>
    public IReadOnlyList<string> Units { get; }

    /// <summary>Which numbers were limited to the range of the training data <c>[A]</c>; all false unless
    /// <see cref="PolicyRunOptions.Clip"/> is set.</summary>
    public ReadOnlySpan<bool> Clipped => _clipped;

    /// <summary>Whether any number was limited.</summary>
    public bool WasClipped => _clipped.AsSpan().Contains(true);

    /// <summary>The points the policy predicts, <c>[3·P]</c>: the place of the named object, then where it goes, in the unit of the first
    /// three states; empty for a policy that predicts none.</summary>
    public ReadOnlySpan<float> Points => _points;

    /// <summary>What the policy would do under the other instructions of <see cref="Policy.Compare"/>, in their order; empty
    /// otherwise.</summary>
    public IReadOnlyList<Counterfactual> Counterfactuals { get; internal set; } = [];

    /// <summary>What the policy's monitor says of the episode so far; null when it has none.</summary>
    public GroundingMonitor? Monitor { get; internal set; }

    /// <summary>Takes over a row of a policy's output.</summary>
    internal void Set(PolicyOutput output, int row, bool clip)
    {
        var count = _trained.Policy.Options.Actions;
        _trained.Actions.Undo(output.Action.Span.Slice(row * count, count), _action);
        if (output.Close is { } close) _action[^1] = close.Span[row] > 0 ? 1 : 0;
        if (output.Points is { } points)
        {
            // Points lie in the frame of the tool's place, which is the first three states.
            var states = _trained.States!;
            var given = points.Span.Slice(row * _points.Length, _points.Length);
            for (var i = 0; i < given.Length; i++) _points[i] = given[i] * states.Deviation[i % 3] + states.Mean[i % 3];
        }

        if (clip) Limit();
    }

    private void Limit()
    {
        for (var i = 0; i < _action.Length; i++)
        {
            var range = _trained.Signature.Actions[i];
            var limited = Math.Clamp(_action[i], range.Least ?? float.NegativeInfinity, range.Most ?? float.PositiveInfinity);
            _clipped[i] = limited != _action[i];
            _action[i] = limited;
        }
    }
}
