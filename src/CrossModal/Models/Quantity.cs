namespace CrossModal.Models;

/// <summary>One number of an action or of a robot's state.</summary>
/// <param name="Name">What it is, such as <c>dx</c> or <c>elbow</c>.</param>
/// <param name="Unit">Its unit, such as <c>m</c> or <c>rad</c>; <c>as recorded</c> where a recording does not say.</param>
public sealed record Quantity(string Name, string Unit)
{
    /// <summary>The least value in the training data; null when unknown.</summary>
    public float? Least { get; init; }

    /// <summary>The greatest value in the training data; null when unknown.</summary>
    public float? Most { get; init; }
}
