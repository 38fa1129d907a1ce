using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using CrossModal.Engine.Recording;
using CrossModal.Layers;

namespace CrossModal.Explain.Monitor;

/// <summary>Five numbers of one attention to patches: mass on the patches, concentration Σp² / (Σp)², and column, row and spread of the
/// mean map, in units of the grid.</summary>
/// <remarks>Sums of products alone: no logarithm, no allocation.</remarks>
internal sealed class AttentionSummary
{
    /// <summary>Numbers of a summary.</summary>
    public const int Length = 5;

    private readonly int _heads;
    private readonly int _queries;
    private readonly int _keys;
    private readonly (int First, int Count) _rows;
    private readonly (int First, int Count) _patches;
    private readonly bool _words;
    private readonly float[] _mean;
    private readonly float[] _column;
    private readonly float[] _row;
    private readonly float[] _square;

    /// <summary>Prepares for an attention.</summary>
    /// <param name="entry">What the pass stated of it; its keys hold the patches of a camera.</param>
    /// <param name="grid">Where the patches lie.</param>
    public AttentionSummary(TraceEntry entry, TokenGrid grid)
    {
        var shape = entry.Value.Shape;
        (_heads, _queries, _keys) = (shape[1], shape[2], shape[3]);
        _words = (entry.QueryTokens ?? []).Any(run => run.Kind == TokenKind.Words);
        _rows = _words ? Run(entry.QueryTokens!, TokenKind.Words) : (0, _queries);
        _patches = Run(entry.KeyTokens!, TokenKind.Patches);
        (_mean, _column, _row, _square) = (new float[_patches.Count], new float[_patches.Count], new float[_patches.Count],
            new float[_patches.Count]);
        for (var i = 0; i < _patches.Count; i++)
        {
            (_column[i], _row[i]) = ((float)(i % grid.Columns) / grid.Columns - 0.5f, (float)(i / grid.Columns) / grid.Rows - 0.5f);
            _square[i] = _column[i] * _column[i] + _row[i] * _row[i];
        }
    }

    /// <summary>Computes the summary of a sample.</summary>
    /// <param name="weights">Weights <c>[B, H, Nq, Nk]</c>.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="words">Words of its instruction, padding apart.</param>
    /// <param name="into">Receives the numbers, <c>[5]</c>.</param>
    public void Write(ReadOnlySpan<float> weights, int sample, int words, Span<float> into)
    {
        var rows = _words ? Math.Min(words, _rows.Count) : _rows.Count;
        Array.Clear(_mean);
        var concentration = 0f;
        for (var h = 0; h < _heads; h++)
        {
            for (var q = 0; q < rows; q++)
            {
                var row = weights.Slice(((sample * _heads + h) * _queries + _rows.First + q) * _keys + _patches.First, _patches.Count);
                concentration += Add(row, _mean);
            }
        }

        var total = TensorPrimitives.Sum<float>(_mean);
        var scale = total > 0 ? 1 / total : 0;
        var (x, y) = (scale * TensorPrimitives.Dot<float>(_mean, _column), scale * TensorPrimitives.Dot<float>(_mean, _row));
        var count = Math.Max(1, _heads * rows);
        into[0] = total / count;
        into[1] = concentration / count;
        into[2] = x;
        into[3] = y;
        into[4] = MathF.Sqrt(MathF.Max(0, scale * TensorPrimitives.Dot<float>(_mean, _square) - x * x - y * y));
    }

    /// <summary>Adds a row to the sum of all and gives its concentration, in one pass: rows are short, and calls for each sum would take
    /// longer than the sums.</summary>
    private static float Add(ReadOnlySpan<float> row, Span<float> sum)
    {
        var (mass, square, i) = (Vector256<float>.Zero, Vector256<float>.Zero, 0);
        for (; i + Vector256<float>.Count <= row.Length; i += Vector256<float>.Count)
        {
            var value = Vector256.Create(row.Slice(i, Vector256<float>.Count));
            mass += value;
            square += value * value;
            (Vector256.Create<float>(sum.Slice(i, Vector256<float>.Count)) + value).CopyTo(sum[i..]);
        }

        var (total, squares) = (Vector256.Sum(mass), Vector256.Sum(square));
        for (; i < row.Length; i++)
        {
            total += row[i];
            squares += row[i] * row[i];
            sum[i] += row[i];
        }

        return total > 0 ? squares / (total * total) : 0;
    }

    /// <summary>Where the first run of a kind lies.</summary>
    private static (int First, int Count) Run(IReadOnlyList<TokenRun> runs, TokenKind kind)
    {
        var first = 0;
        foreach (var run in runs)
        {
            if (run.Kind == kind) return (first, run.Count);
            first += run.Count;
        }

        return (0, first);
    }
}
