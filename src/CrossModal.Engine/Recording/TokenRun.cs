namespace CrossModal.Engine.Recording;

/// <summary>What tokens stand for.</summary>
public enum TokenKind
{
    /// <summary>What was not stated.</summary>
    Other,

    /// <summary>The words of an instruction, in their order.</summary>
    Words,

    /// <summary>The patches of one camera's picture, row by row.</summary>
    Patches,

    /// <summary>Tokens computed from other tokens: pooled, merged, or latents that attended to them.</summary>
    Made,

    /// <summary>Learned vectors that gather what they attend to: latents, queries.</summary>
    Latents,

    /// <summary>A learned token in a sequence of others, from which a result is read.</summary>
    Class,

    /// <summary>The robot's own state, as a token.</summary>
    State,
}

/// <summary>Consecutive tokens of one kind: what a trace states of the queries and the keys of an attention.</summary>
/// <param name="Kind">What the tokens stand for.</param>
/// <param name="Count">Number of tokens, with padding.</param>
public sealed record TokenRun(TokenKind Kind, int Count)
{
    /// <summary>Which camera the patches are of; 0 for tokens of other kinds.</summary>
    public int View { get; init; }

    /// <summary>How many control steps before the current picture the patches' picture was taken; 0 for the current one, and for tokens of
    /// other kinds.</summary>
    public int Age { get; init; }

    /// <summary>Of made tokens, the share that each original token has in each of them, <c>[B or 1, Count, N]</c>; null when the pass had
    /// no trace, or they are not known.</summary>
    public Tensor? Shares { get; init; }

    /// <summary>Of made tokens, the N tokens they were made of, run by run.</summary>
    public IReadOnlyList<TokenRun> Of { get; init; } = [];

    /// <summary>How the shares follow from tensors that are yet to be computed, in a pass that computes nothing.</summary>
    internal TokenShares? SharesOf { get; init; }
}

/// <summary>Shares of original tokens in made ones, to be computed from tensors of a pass.</summary>
/// <param name="Name">Name of what made the tokens.</param>
/// <param name="From">The tensors.</param>
/// <param name="Compute">The shares <c>[B or 1, M, N]</c>, from the numbers of these tensors.</param>
/// <param name="Record">The same as operations of a pass, for whoever exports its record.</param>
internal sealed record TokenShares(string Name, IReadOnlyList<Tensor> From, Func<IReadOnlyList<Tensor>, Tensor> Compute,
    Func<IReadOnlyList<Tensor>, Pass, Tensor> Record);

/// <summary>The weights of one attention in a trace, and what its queries and keys are.</summary>
/// <param name="Key">Name of the layer, as in the checkpoint.</param>
/// <param name="Value">Attention weights <c>[B, H, Nq, Nk]</c>.</param>
public sealed record TraceEntry(string Key, Tensor Value)
{
    /// <summary>What the Nq queries are, run by run; null when the layer was not given it.</summary>
    public IReadOnlyList<TokenRun>? QueryTokens { get; init; }

    /// <summary>What the Nk keys are, run by run, without keys that the layer appends; null when the layer was not given it.</summary>
    public IReadOnlyList<TokenRun>? KeyTokens { get; init; }
}
