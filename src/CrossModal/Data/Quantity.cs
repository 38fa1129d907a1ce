namespace CrossModal.Data;

/// <summary>One number of an action or of a robot's state.</summary>
/// <param name="Name">What it is, such as <c>dx</c> or <c>elbow</c>.</param>
/// <param name="Unit">Its unit, such as <c>m</c> or <c>rad</c>; <c>as recorded</c> where a recording does not say.</param>
public sealed record Quantity(string Name, string Unit)
{
    /// <summary>The unit where a recording names none.</summary>
    public const string UnknownUnit = "as recorded";

    /// <summary>The least value in the training data; null when unknown.</summary>
    public float? Least { get; init; }

    /// <summary>The greatest value in the training data; null when unknown.</summary>
    public float? Most { get; init; }

    /// <summary>Numbered names: <c>action0</c>, <c>action1</c>, …</summary>
    public static IReadOnlyList<Quantity> Numbered(string name, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Quantity($"{name}{i}", UnknownUnit))];

    /// <summary>Quantities with the range of each column of rows <c>[N, D]</c>.</summary>
    public static IReadOnlyList<Quantity> WithRanges(IReadOnlyList<Quantity> quantities, IReadOnlyList<float[]> rows)
    {
        ArgumentNullException.ThrowIfNull(quantities);
        return [.. quantities.Select((q, d) => q with { Least = rows.Min(row => row[d]), Most = rows.Max(row => row[d]) })];
    }
}
