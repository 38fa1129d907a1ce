using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Ops;

/// <summary>One computation of an attending operation: what is read, each with the numbers from one token to the next, and what is
/// written.</summary>
internal readonly ref struct AttendingCall
{
    /// <summary>Sizes.</summary>
    public required AttentionShape Shape { get; init; }

    /// <summary>Queries.</summary>
    public required TokenRows Q { get; init; }

    /// <summary>Keys.</summary>
    public required TokenRows K { get; init; }

    /// <summary>Values.</summary>
    public required TokenRows V { get; init; }

    /// <summary>Added to the scores, or empty.</summary>
    public ReadOnlySpan<float> Mask { get; init; }

    /// <summary>Sizes of the mask.</summary>
    public MaskShape MaskShape { get; init; }

    /// <summary>Which keys the values belong to, <c>[B, k]</c>, of an operation that is given the values of some alone; or empty.</summary>
    public ReadOnlySpan<float> Ids { get; init; }

    /// <summary>Seed of the dropout, if there is one.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is kept for the backward; empty when nothing is.</summary>
    public Span<float> Saved { get; init; }

    /// <summary>The result <c>[B, Nq, H·Dv]</c>.</summary>
    public required Span<float> Output { get; init; }

    /// <summary>The weights <c>[B, H, Nq, Nk]</c>, before dropout; empty when nobody asks.</summary>
    public Span<float> Weights { get; init; }

    /// <summary>Whether scores of softmax attention are summed in short pieces, which rounds less; not in training, whose gradients sum
    /// them whole.</summary>
    public bool SumsInPieces { get; init; }

    /// <summary>Threads.</summary>
    public required Workers Workers { get; init; }
}

/// <summary>Tokens that lie one after the other, perhaps as some columns of wider rows.</summary>
/// <param name="span">From the first token on.</param>
/// <param name="row">Numbers from one token to the next.</param>
internal readonly ref struct TokenRows(ReadOnlySpan<float> span, int row)
{
    /// <summary>From the first token on.</summary>
    public ReadOnlySpan<float> Span { get; } = span;

    /// <summary>Numbers from one token to the next.</summary>
    public int Row { get; } = row;
}
