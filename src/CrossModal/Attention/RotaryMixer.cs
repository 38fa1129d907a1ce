using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Full attention whose queries and keys are rotated by their places, so that scores depend on differences of places (Su et al.
/// 2021, RoFormer; two axes after Heo et al. 2024, with places of words after Wang et al. 2024, Qwen2-VL).</summary>
/// <remarks>Pairs of channels of a head are rotated by the row in one half and by the column in the other, at frequencies from 1 to
/// 1/<see cref="Base"/>. A patch has its row and column, in every view alike; the i-th word or latent stands on the diagonal behind the
/// grid, at max(rows, columns) + i on both axes. Tokens that lie nowhere, such as merged ones, are not rotated, nor are the channels of a
/// head that its width leaves over four.</remarks>
/// <param name="grid">Where the patches of a view lie; a square, or else a row, when null.</param>
/// <param name="headWidth">Width D of a head.</param>
internal sealed class RotaryMixer(TokenGrid? grid, int headWidth) : AttentionMixer
{
    private const double Base = 100;

    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass)
    {
        var keys = Places(call.Sides.Keys, call.Key.Shape[1], byDefault: TokenKind.Patches);
        var queries = call.Own ? keys : Places(call.Sides.Queries, call.Query.Shape[1], byDefault: TokenKind.Words);
        return pass.Attention(Rotated(call.Query, queries, pass), Rotated(call.Key, keys, pass), call.Values(null), call.Heads,
            call.Mask?.Scores, call.Options);
    }

    /// <summary>Row and column of every token; null of one that lies nowhere.</summary>
    private (int Row, int Column)?[] Places(IReadOnlyList<TokenRun>? runs, int count, TokenKind byDefault)
    {
        runs ??= [new TokenRun(byDefault, count)];
        var layout = grid ?? Square(runs.FirstOrDefault(run => run.Kind == TokenKind.Patches)?.Count ?? 1);
        var (places, behind) = (new List<(int, int)?>(count), Math.Max(layout.Rows, layout.Columns));
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                places.Add(run.Kind switch
                {
                    TokenKind.Patches => (i % layout.Count / layout.Columns, i % layout.Columns),
                    TokenKind.Made or TokenKind.Other => null,
                    _ => (behind + i, behind + i),
                });
            }
        }

        return [.. places];
    }

    /// <summary>x·cos + swapped x·sin, where (a, b) swapped is (b, a) and the sine has the sign: <c>[B, N, H·D]</c>.</summary>
    private Tensor Rotated(Tensor x, (int Row, int Column)?[] places, Pass pass)
    {
        var (batch, count, width) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var (cosines, sines) = (Tensor.Full([count, width], 1), Tensor.Zeros([count, width]));
        var quarter = headWidth / 4; // pairs of an axis
        for (var n = 0; n < count; n++)
        {
            if (places[n] is not var (row, column)) continue;
            for (var c = 0; c + 1 < width; c += 2)
            {
                var pair = c % headWidth / 2;
                if (pair >= 2 * quarter) continue;
                var angle = (pair < quarter ? row : column) * Math.Pow(Base, -(double)(pair % quarter) / quarter);
                cosines[n, c] = cosines[n, c + 1] = (float)Math.Cos(angle);
                (sines[n, c], sines[n, c + 1]) = (-(float)Math.Sin(angle), (float)Math.Sin(angle));
            }
        }

        var pairs = pass.Reshape(x, [batch, count, width / 2, 2]);
        var swapped = pass.Reshape(pass.Concat(3, pass.Slice(pairs, 3, 1, 1), pass.Slice(pairs, 3, 0, 1)), [batch, count, width]);
        return pass.Add(pass.Multiply(x, cosines), pass.Multiply(swapped, sines));
    }

    private static TokenGrid Square(int count)
    {
        var side = (int)Math.Round(Math.Sqrt(count));
        return side * side == count ? new TokenGrid(side, side) : new TokenGrid(1, count);
    }
}
