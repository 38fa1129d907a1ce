namespace CrossModal.Tabletop.Learning;

/// <summary>The weights of the terms a student learns from its teacher, beside the expert.</summary>
/// <param name="Action">Weight of what the teacher decides: its movement, its closing and its target.</param>
/// <param name="Feature">Weight of what the teacher reads its action from: the mean fused token.</param>
/// <param name="Attention">Weight of the attention weights of the teacher's words.</param>
public sealed record DistillationOptions(float Action = 1, float Feature = 0.5f, float Attention = 0.1f)
{
    /// <summary>Throws unless every weight is at least 0 and finite.</summary>
    /// <exception cref="ArgumentException">A weight is not; the message names it.</exception>
    internal void Check()
    {
        foreach (var (name, weight) in ((string, float)[])[(nameof(Action), Action), (nameof(Feature), Feature),
            (nameof(Attention), Attention)])
        {
            if (!(weight is >= 0 and <= float.MaxValue))
                throw new ArgumentException(
                    FormattableString.Invariant($"DistillationOptions: {name} must be at least 0 and finite, got {weight}"));
        }
    }
}
