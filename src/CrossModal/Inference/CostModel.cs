using System.Runtime.Intrinsics;

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
    int Batch, int Queries, int Keys, int Heads, int HeadDim, int KeyWidth, int ValueWidth, bool QueriesHoisted, bool KeysHoisted,
        bool ValuesHoisted)
{
    /// <summary>Dv, the width of a head's values.</summary>
    public int ValueDim { get; init; } = HeadDim;
}

/// <summary>
/// What the cost model knows of a machine: times over that of a multiply-add in a large matrix product. Measured (docs/performance.md).
/// </summary>
/// <param name="InsideHeads">Of a multiply-add inside the ordinary attention kernel.</param>
/// <param name="FewRows">Of a multiply-add in products of few rows (Nq).</param>
/// <param name="CopiedNumber">Of copying one number of the values' tokens into panels.</param>
/// <remarks>Constants are shipped for each width of vectors rather than measured at the first run: the same machine then always makes the
/// same choice, and with it the same bits.</remarks>
internal sealed record CostConstants(double InsideHeads, double FewRows, double CopiedNumber)
{
    /// <summary>Of vectors of up to 256 bits.</summary>
    public static CostConstants Narrow { get; } = new(1.6, 1.1, 8);

    /// <summary>Of vectors of 512 bits, whose large products are twice as fast and everything else somewhat less than that.</summary>
    public static CostConstants Wide { get; } = new(1.5, 1.4, 12);

    /// <summary>Of this machine.</summary>
    public static CostConstants Here => Vector512.IsHardwareAccelerated ? Wide : Narrow;
}

/// <summary>Predicts what an attention costs under each association, in multiply-adds of a large matrix product.</summary>
/// <remarks>
/// Per sample and frame. Ordinary keys: Nk·dk·HD for the projection (nothing when hoisted) and Nq·Nk·HD for the scores. Absorbed keys:
/// Nq·dk·HD for the queries (nothing when hoisted) and H·Nq·Nk·dk for the scores. Values likewise. Products inside heads are small and run
/// slower than large ones; <see cref="CostConstants"/> says by how much.
/// </remarks>
internal static class CostModel
{
    /// <summary>The cheapest association.</summary>
    /// <param name="sizes">Sizes.</param>
    /// <param name="most">The last that is possible.</param>
    /// <param name="constants">What is known of the machine.</param>
    public static Association Cheapest(in AssociationSizes sizes, Association most, CostConstants constants)
    {
        var best = Association.Ordinary;
        for (var next = Association.Keys; next <= most; next++)
            if (Cost(next, sizes, constants) < Cost(best, sizes, constants)) best = next;
        return best;
    }

    /// <summary>What a frame costs, in multiply-adds of a large product.</summary>
    public static double Cost(Association association, in AssociationSizes s, CostConstants constants)
    {
        var (insideHeads, fewRows, copiedNumber) = constants;
        double heads = s.Heads * s.HeadDim;
        double valueHeads = s.Heads * s.ValueDim;
        var queries = (double)s.Queries;
        var keys = (double)s.Keys;
        var ordinaryKeys = (s.KeysHoisted ? 0 : keys * s.KeyWidth * heads) + insideHeads * queries * keys * heads;
        var absorbedKeys = (s.QueriesHoisted ? 0 : fewRows * queries * s.KeyWidth * heads) + s.Heads * queries * keys * s.KeyWidth;
        var ordinaryValues = (s.ValuesHoisted ? 0 : keys * s.ValueWidth * valueHeads) + insideHeads * queries * keys * valueHeads;
        var absorbedValues = fewRows * queries * s.ValueWidth * valueHeads + s.Heads * queries * keys * s.ValueWidth
            + copiedNumber * keys * s.ValueWidth;
        return s.Batch * association switch
        {
            Association.Ordinary => ordinaryKeys + ordinaryValues,
            Association.Keys => absorbedKeys + ordinaryValues,
            _ => absorbedKeys + absorbedValues,
        };
    }
}
