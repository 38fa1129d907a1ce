using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Where tokens that were made fewer came from: what share each original token has in each new one. Brings attention to the new
/// tokens back to the original ones.</summary>
/// <remarks>Rows sum to 1 (to 0 for padding), so that an attention map keeps its mass on the way back.</remarks>
public sealed class TokenSource
{
    /// <summary>A map of shares.</summary>
    /// <param name="map"><c>[B or 1, M, N]</c>.</param>
    /// <exception cref="ShapeException">The map has other axes.</exception>
    public TokenSource(Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        Map = map.Shape.Rank == 3 ? map : throw new ShapeException("TokenSource", $"needs [B, M, N], got {map.Shape}");
    }

    /// <summary>Share of each original token in each new one, <c>[B or 1, M, N]</c>.</summary>
    public Tensor Map { get; }

    /// <summary>New tokens M.</summary>
    public int Tokens => Map.Shape[1];

    /// <summary>Original tokens N.</summary>
    public int Originals => Map.Shape[2];

    /// <summary>Squares of patches that become one token; rows and columns left over have no share, nor has padding.</summary>
    /// <param name="grid">Where the N patches lie.</param>
    /// <param name="factor">Rows and columns that become one.</param>
    /// <param name="mask">Which patches are real, <c>[B, 1, 1, N]</c>; or null.</param>
    public static TokenSource Cells(TokenGrid grid, int factor, Mask? mask)
    {
        var (rows, columns) = (grid.Rows / factor, grid.Columns / factor);
        var groups = new int[grid.Count];
        for (var i = 0; i < grid.Count; i++)
        {
            var (row, column) = (i / grid.Columns / factor, i % grid.Columns / factor);
            groups[i] = row < rows && column < columns ? row * columns + column : -1;
        }

        var batch = mask?.Scores.Shape[0] ?? 1;
        var sizes = new float[batch * grid.Count];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = mask is null ? 1 : MathF.Exp(mask.Scores.Span[i]);
        return Groups(batch, rows * columns, (_, i) => groups[i], sizes);
    }

    /// <summary>Groups of tokens that become their mean by size.</summary>
    /// <param name="batch">Number of samples B.</param>
    /// <param name="count">Number of groups M.</param>
    /// <param name="group">The group of a sample's token, −1 for none.</param>
    /// <param name="sizes">Sizes <c>[B, N]</c>; 0 for padding.</param>
    public static TokenSource Groups(int batch, int count, Func<int, int, int> group, ReadOnlySpan<float> sizes)
    {
        ArgumentNullException.ThrowIfNull(group);
        var originals = batch == 0 ? 0 : sizes.Length / batch;
        var map = Tensor.Zeros([batch, count, originals]);
        for (var b = 0; b < batch; b++)
        {
            var totals = new float[count];
            for (var i = 0; i < originals; i++)
                if (group(b, i) is var m and >= 0) totals[m] += sizes[b * originals + i];
            for (var i = 0; i < originals; i++)
                if (group(b, i) is var m and >= 0 && totals[m] > 0) map[b, m, i] = sizes[b * originals + i] / totals[m];
        }

        return new TokenSource(map);
    }

    /// <summary>Attention to the new tokens as attention to the original ones: <c>[B, H, Nq, M] → [B, H, Nq, N]</c>; sums of rows
    /// stay.</summary>
    /// <exception cref="ShapeException">The weights are not of these tokens.</exception>
    public Tensor Unmerge(Tensor weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Shape.Rank != 4 || weights.Shape[3] != Tokens || Map.Shape[0] != 1 && Map.Shape[0] != weights.Shape[0])
            throw new ShapeException("TokenSource", $"weights {weights.Shape} are not over the {Tokens} tokens of {Map.Shape}");
        var back = Tensor.Zeros([weights.Shape[0], weights.Shape[1], weights.Shape[2], Originals]);
        var rows = weights.Shape[1] * weights.Shape[2];
        for (var row = 0; row < weights.Shape[0] * rows; row++)
            Row(row / rows, weights.Span.Slice(row * Tokens, Tokens), back.Span.Slice(row * Originals, Originals));
        return back;
    }

    /// <summary>One sample's weights over the new tokens as weights over the original ones.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="weights">M weights.</param>
    /// <param name="back">Room for N.</param>
    public void Row(int sample, ReadOnlySpan<float> weights, Span<float> back)
    {
        // In double, rounded once: a map keeps its mass, however many tokens became one.
        var sums = new double[Originals];
        var map = Map.Span[((Map.Shape[0] == 1 ? 0 : sample) * Tokens * Originals)..];
        for (var m = 0; m < Tokens; m++)
        {
            if (weights[m] == 0) continue;
            for (var i = 0; i < Originals; i++) sums[i] += (double)weights[m] * map[m * Originals + i];
        }

        for (var i = 0; i < Originals; i++) back[i] = (float)sums[i];
    }

    /// <summary>This reduction, then another of its tokens.</summary>
    /// <exception cref="ShapeException">The other does not start from these tokens.</exception>
    public TokenSource Then(TokenSource next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (next.Originals != Tokens) throw new ShapeException("TokenSource", $"{next.Map.Shape} does not follow {Map.Shape}");
        var batch = Math.Max(Map.Shape[0], next.Map.Shape[0]);
        if (next.Map.Shape[0] != 1 && next.Map.Shape[0] != batch || Map.Shape[0] != 1 && Map.Shape[0] != batch)
            throw new ShapeException("TokenSource", $"batch sizes differ: {Map.Shape} and {next.Map.Shape}");
        var map = Tensor.Zeros([batch, next.Tokens, Originals]);
        for (var b = 0; b < batch; b++)
            for (var m = 0; m < next.Tokens; m++)
            {
                var shares = next.Map.Span.Slice(((next.Map.Shape[0] == 1 ? 0 : b) * next.Tokens + m) * Tokens, Tokens);
                Row(b, shares, map.Span.Slice((b * next.Tokens + m) * Originals, Originals));
            }

        return new TokenSource(map);
    }
}
