namespace CrossModal.Inference;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head, d widths of tokens.

/// <summary>How the projections of one attention are computed.</summary>
internal enum Association
{
    /// <summary>Keys and values are projected: (X Wkᵀ) and (Y Wvᵀ).</summary>
    Ordinary,

    /// <summary>The projection of keys is absorbed into the queries, values are projected: (q Wk) Xᵀ.</summary>
    Keys,

    /// <summary>Both are absorbed: (q Wk) Xᵀ, and (P Y) Wvᵀ.</summary>
    KeysAndValues,
}

/// <summary>The sizes the choice depends on.</summary>
/// <param name="Batch">B.</param>
/// <param name="Queries">Nq.</param>
/// <param name="Keys">Nk.</param>
/// <param name="Heads">H.</param>
/// <param name="HeadDim">D.</param>
/// <param name="KeyWidth">Width of the tokens keys are projected from.</param>
/// <param name="ValueWidth">Width of the tokens values are projected from.</param>
/// <param name="QueriesHoisted">Whether the queries do not change from frame to frame.</param>
/// <param name="KeysHoisted">Whether the projected keys would not.</param>
/// <param name="ValuesHoisted">Whether the projected values would not.</param>
internal readonly record struct AssociationSizes(
    int Batch, int Queries, int Keys, int Heads, int HeadDim, int KeyWidth, int ValueWidth, bool QueriesHoisted, bool KeysHoisted, bool ValuesHoisted)
{
    /// <summary>Dv, the width of a head's values.</summary>
    public int ValueDim { get; init; } = HeadDim;
}

/// <summary>Predicts what an attention costs under each association, in multiply-adds of a large matrix product.</summary>
/// <remarks>
/// Per sample and frame. Ordinary keys: Nk·dk·HD for the projection (nothing when hoisted) and Nq·Nk·HD for the scores. Absorbed keys: Nq·dk·HD for the
/// queries (nothing when hoisted) and H·Nq·Nk·dk for the scores. Values likewise. Products inside heads are small and run slower than large
/// ones; the factors below are measured (docs/performance.md).
/// </remarks>
internal static class CostModel
{
    /// <summary>Time of a multiply-add inside the ordinary attention kernel over one in a large product.</summary>
    private const double InsideHeads = 1.6;

    /// <summary>Time of a multiply-add in products of few rows (Nq) over one in a large product.</summary>
    public const double FewRows = 1.1;

    /// <summary>Multiply-adds in the time that one number of the values' tokens takes to be copied into panels.</summary>
    private const double CopiedNumber = 8;

    /// <summary>The cheapest association.</summary>
    /// <param name="sizes">Sizes.</param>
    /// <param name="most">The last that is possible.</param>
    public static Association Cheapest(in AssociationSizes sizes, Association most)
    {
        var best = Association.Ordinary;
        for (var next = Association.Keys; next <= most; next++)
            if (Cost(next, sizes) < Cost(best, sizes)) best = next;
        return best;
    }

    /// <summary>What a frame costs, in multiply-adds of a large product.</summary>
    public static double Cost(Association association, in AssociationSizes s)
    {
        double heads = s.Heads * s.HeadDim;
        double valueHeads = s.Heads * s.ValueDim;
        var queries = (double)s.Queries;
        var keys = (double)s.Keys;
        var ordinaryKeys = (s.KeysHoisted ? 0 : keys * s.KeyWidth * heads) + InsideHeads * queries * keys * heads;
        var absorbedKeys = (s.QueriesHoisted ? 0 : FewRows * queries * s.KeyWidth * heads) + s.Heads * queries * keys * s.KeyWidth;
        var ordinaryValues = (s.ValuesHoisted ? 0 : keys * s.ValueWidth * valueHeads) + InsideHeads * queries * keys * valueHeads;
        var absorbedValues = FewRows * queries * s.ValueWidth * valueHeads + s.Heads * queries * keys * s.ValueWidth + CopiedNumber * keys * s.ValueWidth;
        return s.Batch * association switch
        {
            Association.Ordinary => ordinaryKeys + ordinaryValues,
            Association.Keys => absorbedKeys + ordinaryValues,
            _ => absorbedKeys + absorbedValues,
        };
    }
}
