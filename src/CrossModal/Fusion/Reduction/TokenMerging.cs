using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Tokens that are alike become their mean, pair by pair, until M are left (Bolya et al. 2023, ToMe).</summary>
/// <remarks>Even tokens are matched with the odd ones most like them and the closest pairs are joined, at most a quarter of the tokens at a
/// time: were it half, every even token would have to go, however little it is like any other. Likeness is the cosine of the tokens
/// themselves: before a strategy there are no keys to compare, as ToMe does inside a vision transformer. How many patches a token stands
/// for is carried along: means are by size, and log(size) is added to the scores of everything that attends to the tokens, as their mask,
/// so that a token of many weighs as much as the many did. Nothing is learned.</remarks>
/// <param name="count">How many tokens are left, M.</param>
public sealed class TokenMerging(int count) : TokenReducer(count)
{
    private protected override Tokens Apply(Tokens tokens, Pass pass)
    {
        var (x, sizes) = (tokens.ZeroPadded(pass), tokens.Mask?.Presence(pass) ?? Tensor.Full([tokens.Batch, tokens.Count, 1], 1));
        var (originals, groups) = (sizes, new List<Tensor>());
        while (x.Shape[1] > Count)
        {
            var merged = Math.Min(x.Shape[1] - Count, Math.Max(1, x.Shape[1] / 4));
            var left = x.Shape[1] - merged;
            var group = pass.MatchTokens(x, sizes, merged);
            var sum = pass.SumTokens(pass.Multiply(x, sizes), group, left);
            sizes = pass.SumTokens(sizes, group, left);
            x = pass.Divide(sum, Tokens.AtLeastOne(sizes, pass));
            groups.Add(group);
        }

        return new Tokens(x, Mask.FromPresence(sizes, pass))
            .MadeOf(Tokens.Contents([tokens]), Path, _ => [originals, .. groups], Shares, RecordShares, pass);
    }

    /// <summary>Shares from the sizes of the original tokens and the groups of each round.</summary>
    private Tensor Shares(IReadOnlyList<Tensor> from) => TokenSource.Groups(from[0].Shape[0], Count, (sample, token) =>
    {
        foreach (var group in from.Skip(1)) token = (int)group[sample, token];
        return token;
    }, from[0].Span).Map;

    /// <summary>The same: every original token on its own, added up by the groups of each round.</summary>
    private Tensor RecordShares(IReadOnlyList<Tensor> from, Pass pass)
    {
        var count = from[0].Shape[1];
        var own = Tensor.Zeros([1, count, count]);
        for (var i = 0; i < count; i++) own[0, i, i] = 1;
        var shares = pass.Multiply(own, from[0]);
        for (var round = 1; round < from.Count; round++)
            shares = pass.SumTokens(shares, from[round], round + 1 < from.Count ? from[round + 1].Shape[1] : Count);
        return Tokens.RowsOfOne(shares, pass);
    }
}
