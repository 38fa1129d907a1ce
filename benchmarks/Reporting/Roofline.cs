using CrossModal.Benchmarks.Cases;
using CrossModal.Inference;
using Association = CrossModal.Inference.Association;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>What one frame must do at least: the floating-point operations of the association chosen, and every number read and written
/// once.</summary>
/// <param name="Flops">Floating-point operations; a multiply-add counts two.</param>
/// <param name="Bytes">Bytes of weights, tokens and results, each once.</param>
internal sealed record Roofline(double Flops, double Bytes)
{
    /// <summary>Bytes a nanosecond (GB/s) from the last-level cache on one thread.</summary>
    public const double Bandwidth = 67;

    /// <summary>Nanoseconds on so many threads: of arithmetic or of memory, whichever is longer.</summary>
    /// <param name="threads">Threads.</param>
    /// <param name="peak">Multiply-add peak of one thread, operations a nanosecond (GFLOP/s).</param>
    public double Nanoseconds(int threads, double peak) => Math.Max(Flops / (peak * threads), Bytes / (Bandwidth * threads));

    /// <summary>One layer.</summary>
    /// <param name="s">Sizes.</param>
    /// <param name="cached">Whether the instruction is set once.</param>
    public static Roofline Layer(LayerShape s, bool cached) => Attention(s, cached, queriesHoisted: cached);

    /// <summary>Four blocks with feed-forward, the instruction set once: the first block's queries are known before the frame.</summary>
    public static Roofline Network(LayerShape s)
    {
        double width = s.Width, rows = s.Batch * s.Words;
        var (flops, bytes) = (0.0, 0.0);
        for (var block = 0; block < 4; block++)
        {
            var attention = Attention(s, cached: true, queriesHoisted: block == 0);
            flops += attention.Flops + 2 * rows * 8 * width * width;
            bytes += attention.Bytes + sizeof(float) * 8 * width * width;
        }

        // The blocks attend to the same tokens.
        return new Roofline(flops, bytes - 3.0 * sizeof(float) * s.Batch * s.Visuals * width);
    }

    private static Roofline Attention(LayerShape s, bool cached, bool queriesHoisted)
    {
        double width = s.Width, rows = s.Batch * s.Words, tokens = s.Batch * s.Visuals, pairs = rows * s.Visuals;
        var sizes = new AssociationSizes(s.Batch, s.Words, s.Visuals, s.Heads, s.Width / s.Heads, s.Width, s.Width, queriesHoisted, false,
            false);
        var association = CostModel.Cheapest(sizes, Association.KeysAndValues, CostConstants.Here);
        var square = width * width;
        var query = queriesHoisted ? 0 : rows * square;
        var keys = association == Association.Ordinary ? tokens * square + pairs * width
            : (queriesHoisted ? 0 : rows * square) + s.Heads * pairs * width;
        var values = association == Association.KeysAndValues ? rows * square + s.Heads * pairs * width : tokens * square + pairs * width;

        // Wk counts unless it went into queries that are hoisted; Wv and Wo always; Wq unless hoisted.
        var weights = 2 + (queriesHoisted ? 0 : 1) + (queriesHoisted && association != Association.Ordinary ? 0 : 1);
        return new Roofline(2 * (query + keys + values + rows * square),
            sizeof(float) * (weights * square + tokens * width + (cached ? 1 : 2) * rows * width));
    }
}
