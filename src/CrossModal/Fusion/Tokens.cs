using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>A batch of token sequences with what of them is padding.</summary>
/// <param name="Values">Tokens <c>[B, N, d]</c>.</param>
/// <param name="Mask">Which tokens are real, a padding mask <c>[B, 1, 1, N]</c>; null when all are.</param>
public sealed record Tokens(Tensor Values, Mask? Mask = null)
{
    /// <summary>What the tokens are, run by run in their order; null when that was not stated.</summary>
    /// <remarks>A strategy states it of the words and views it is given, and attention writes it to a trace: no map is made of tokens that
    /// only have the right number.</remarks>
    public IReadOnlyList<TokenRun>? Content { get; init; }

    /// <summary>Number of samples B.</summary>
    public int Batch => Values.Shape[0];

    /// <summary>Number of tokens N, with padding.</summary>
    public int Count => Values.Shape[1];

    /// <summary>Width d.</summary>
    public int Width => Values.Shape[2];

    /// <summary>Sequences joined end to end.</summary>
    /// <exception cref="ShapeException">Batch sizes or widths differ, or nothing is given.</exception>
    public static Tokens Join(IReadOnlyList<Tokens> parts, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 1) return parts[0];
        return new Tokens(pass.Concat(1, parts.Select(p => p.Values).ToArray()),
            Mask.Join(parts.Select(p => (p.Mask, p.Batch, p.Count)).ToList(), pass))
        {
            Content = Contents(parts),
        };
    }

    /// <summary>The sides of an attention from these tokens to others.</summary>
    /// <param name="keys">The tokens attended to.</param>
    internal AttentionSides Attending(Tokens keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new AttentionSides(Content, keys.Content) { QueryMask = Mask };
    }

    /// <summary>The mean over real tokens, <c>[B, d]</c>; zeros for a sample without any.</summary>
    public Tensor Mean(Pass pass)
    {
        if (Mask is null) return pass.Mean(Values, axis: 1);
        var presence = Mask.Presence(pass);
        var count = pass.Sum(presence, axis: 1);
        return pass.Divide(pass.Sum(pass.Multiply(Values, presence), axis: 1), AtLeastOne(count, pass));
    }

    /// <summary>What sequences joined end to end are.</summary>
    internal static IReadOnlyList<TokenRun> Contents(IEnumerable<Tokens> parts) =>
        [.. parts.SelectMany(p => p.Content ?? [new TokenRun(TokenKind.Other, p.Count)])];

    /// <summary>These tokens, stated to be all of one kind.</summary>
    internal Tokens Of(TokenKind kind) => this with { Content = [new TokenRun(kind, Count)] };

    /// <summary>These tokens, stated to be made of others; a trace, if there is one, receives the shares.</summary>
    /// <param name="originals">What the N tokens were, run by run.</param>
    /// <param name="name">Name of what made the tokens.</param>
    /// <param name="from">Tensors of the pass, or weights in its trace, that the shares follow from; only asked with a trace.</param>
    /// <param name="shares">Computes the share of each original in each of these tokens, <c>[B or 1, Count, N]</c>, from the numbers of
    /// these tensors.</param>
    /// <param name="recorded">The same as operations of a pass.</param>
    /// <param name="pass">The pass; where it computes nothing, whoever runs its record computes the shares.</param>
    internal Tokens MadeOf(IReadOnlyList<TokenRun> originals, string name, Func<AttentionTrace, IReadOnlyList<Tensor>> from,
        Func<IReadOnlyList<Tensor>, Tensor> shares, Func<IReadOnlyList<Tensor>, Pass, Tensor> recorded, Pass pass)
    {
        var run = new TokenRun(TokenKind.Made, Count) { Of = originals };
        if (pass.Trace is { Layer: null } trace)
        {
            var rule = new TokenShares(name, from(trace), shares, recorded);
            run = pass.IsComputing ? run with { Shares = trace.AddSource(name, shares(rule.From)) } : run with { SharesOf = rule };
        }

        return this with { Content = [run] };
    }

    /// <summary>max(x, 1), written so that counts of 0 divide nothing by 0.</summary>
    internal static Tensor AtLeastOne(Tensor count, Pass pass) => pass.Scale(pass.Relu(pass.Scale(count, 1, -1)), 1, 1);

    /// <summary>Rows divided by their sums; a row of zeros stays.</summary>
    internal static Tensor RowsOfOne(Tensor x, Pass pass) =>
        pass.Divide(x, pass.Scale(pass.Relu(pass.Sum(x, axis: -1, keepAxis: true)), 1, 1e-30f));

    /// <summary>The values with padding set to 0.</summary>
    internal Tensor ZeroPadded(Pass pass) => Mask is null ? Values : pass.Multiply(Values, Mask.Presence(pass));

    internal void Check(string who, string what, int width)
    {
        if (Values.Shape.Rank != 3) throw new ShapeException(who, $"{what} must be [B, N, {width}], got {Values.Shape}");
        if (Width != width) throw new ShapeException(who, $"{what} {Values.Shape} has a width of {Width}, expected {width}");
        if (Mask is not null && Mask.Scores.Shape != [Batch, 1, 1, Count])
            throw new ShapeException(who, $"the mask of {what} is {Mask.Scores.Shape}, expected [{Batch},1,1,{Count}]");
    }
}
