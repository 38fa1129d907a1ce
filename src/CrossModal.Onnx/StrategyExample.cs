namespace CrossModal.Onnx;

/// <summary>What a strategy is given, by example: a model leaves the sizes open where the strategy does.</summary>
/// <param name="Words">Number of words Nl.</param>
/// <param name="Views">Number of visual tokens of each view; null for a view that is missing.</param>
public sealed record StrategyExample(int Words, params IReadOnlyList<int?> Views)
{
    /// <summary>Whether some words may be padding: the model has an input <c>words_mask</c>.</summary>
    public bool WordsMask { get; init; } = true;

    /// <summary>Whether some visual tokens may be padding: the model has an input <c>view0_mask</c> for each view.</summary>
    public bool ViewMasks { get; init; } = true;
}
