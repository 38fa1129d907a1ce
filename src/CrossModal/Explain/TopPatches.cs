namespace CrossModal.Explain;

/// <summary>The textbook's listing: the patches a word attends to most.</summary>
public static class TopPatches
{
    /// <summary>The patches with the largest weights, largest first; the earlier of equals first; all of them when there are fewer than
    /// asked.</summary>
    /// <param name="weights">One word's weights over the patches.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static IReadOnlyList<(int Patch, float Weight)> Of(ReadOnlySpan<float> weights, int count = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var copy = weights.ToArray();
        return [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i]).ThenBy(i => i).Take(count).Select(i => (i, copy[i]))];
    }
}
