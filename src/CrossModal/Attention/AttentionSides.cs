using CrossModal.Engine.Recording;

namespace CrossModal.Attention;

/// <summary>What the queries and the keys of an attention are: a trace states it, and mixers that do not attend to all keys alike go by
/// it.</summary>
/// <param name="Queries">What the queries are, run by run; null when that is not known.</param>
/// <param name="Keys">What the keys are, run by run; null when that is not known.</param>
public sealed record AttentionSides(IReadOnlyList<TokenRun>? Queries = null, IReadOnlyList<TokenRun>? Keys = null)
{
    /// <summary>Which queries are real, a padding mask <c>[B, 1, 1, Nq]</c>; null when all are.</summary>
    public Mask? QueryMask { get; init; }

    /// <summary>Keys that stand before the visual tokens: everything attends to them.</summary>
    internal int Words => Keys?.TakeWhile(run => run.Kind is TokenKind.Words or TokenKind.Latents or TokenKind.Class or TokenKind.State)
        .Sum(run => run.Count)
        ?? 0;

    /// <summary>The same queries, attending to each other.</summary>
    internal AttentionSides Own => this with { Keys = Queries };

    /// <summary>Tokens of one kind that attend to each other.</summary>
    internal static AttentionSides Among(TokenKind kind, int count) => new AttentionSides([new TokenRun(kind, count)]).Own;
}
