using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Makes fewer tokens of many, and records in the trace of its pass where they came from.</summary>
public abstract class TokenReducer : Module
{
    private protected TokenReducer(int count) =>
        Count = count > 0 ? count : throw new ShapeException(GetType().Name, $"at least one token must be left, got {count}");

    /// <summary>How many tokens are left, M.</summary>
    public int Count { get; }

    /// <summary>Fewer tokens: <c>[B, N, d] → [B, M, d]</c>.</summary>
    /// <param name="tokens">Tokens, with padding.</param>
    /// <param name="pass">The pass; its trace receives the source map <c>[B, M, N]</c> under this module's path.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or there are fewer tokens than are to be left.</exception>
    public Tokens Reduce(Tokens tokens, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(pass);
        if (tokens.Values.Shape.Rank != 3 || tokens.Count < Count)
            throw new ShapeException(GetType().Name, $"leaves {Count} tokens, got {tokens.Values.Shape}");
        return Apply(tokens, pass);
    }

    private protected abstract Tokens Apply(Tokens tokens, Pass pass);

    /// <summary>Tokens each of which is made of all: padding when all of a sample's are.</summary>
    private protected Tokens OfAll(Tensor values, Tokens from, Pass pass)
    {
        if (from.Mask is null) return new Tokens(values);
        var seen = pass.Max(from.Mask.Presence(pass), axis: 1, keepAxis: true);
        return new Tokens(values, Mask.FromPresence(pass.Expand(seen, [from.Batch, Count, 1]), pass));
    }
}

/// <summary>A strategy that sees fewer visual tokens: those of every view are reduced by the same reducer first.</summary>
internal sealed class ReducedVision : FusionStrategy
{
    private readonly TokenReducer _reducer;
    private readonly FusionStrategy _strategy;

    /// <summary>Makes the strategy.</summary>
    /// <param name="reducer">Makes visual tokens fewer.</param>
    /// <param name="strategy">Fuses words with the fewer.</param>
    public ReducedVision(TokenReducer reducer, FusionStrategy strategy)
        : base((strategy ?? throw new ArgumentNullException(nameof(strategy))).Width)
    {
        _reducer = Add("visual_tokens", reducer);
        _strategy = Add("fusion", strategy);
        EmptyView = reducer.Count;
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to what the inner strategy makes of words and fewer visual
    /// tokens.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass) =>
        _strategy.Forward(input with { Views = input.Views.Select(v => v is null ? null : _reducer.Reduce(v, pass)).ToList() }, pass);
}
