namespace CrossModal.Explain;

/// <summary>How often the partner of a row is among its most similar columns: what is found when one side asks and the other
/// answers.</summary>
/// <param name="K">How many answers count.</param>
/// <param name="Recall">Share of rows whose partner is among them.</param>
/// <param name="Chance">What answers in random order would give: K / N.</param>
internal readonly record struct Retrieval(int K, double Recall, double Chance)
{
    /// <summary>Recall of columns retrieved by rows; row i belongs to column i. A tie counts against the partner.</summary>
    /// <param name="similarity">Similarities <c>[N, N]</c>, row-major.</param>
    /// <param name="ks">Numbers of answers that count.</param>
    /// <returns>One entry for each of <paramref name="ks"/> that is at most N.</returns>
    /// <exception cref="ArgumentException">The matrix is not square, or a similarity is not finite.</exception>
    public static IReadOnlyList<Retrieval> OfRows(ReadOnlySpan<float> similarity, params ReadOnlySpan<int> ks) =>
        Measure(similarity, 1, ks);

    /// <summary>Recall of rows retrieved by columns.</summary>
    /// <inheritdoc cref="OfRows"/>
    public static IReadOnlyList<Retrieval> OfColumns(ReadOnlySpan<float> similarity, params ReadOnlySpan<int> ks) =>
        Measure(similarity, 0, ks);

    private static List<Retrieval> Measure(ReadOnlySpan<float> similarity, int rows, ReadOnlySpan<int> ks)
    {
        var count = EmbeddingGeometry.SideOf(similarity);
        var (asked, answered) = rows == 1 ? (count, 1) : (1, count);
        var ranks = new int[count];
        for (var i = 0; i < count; i++)
        {
            var own = similarity[i * count + i];
            for (var j = 0; j < count; j++)
                if (j != i && similarity[i * asked + j * answered] >= own) ranks[i]++;
        }

        var found = new List<Retrieval>(ks.Length);
        foreach (var k in ks)
            if (k <= count) found.Add(new Retrieval(k, ranks.Count(rank => rank < k) / (double)count, (double)k / count));
        return found;
    }
}
