using CrossModal.Inference;

namespace CrossModal.Benchmarks.Crossover;

/// <summary>One layer under each association.</summary>
/// <param name="Visuals">Visual tokens Nv.</param>
/// <param name="Words">Words Nl.</param>
/// <param name="InstructionStays">Whether the instruction was set once; otherwise it is part of every frame.</param>
/// <param name="Microseconds">Best time of a frame by association: ordinary, keys, keys and values.</param>
/// <param name="Measured">How many times as fast as the ordinary one each is.</param>
/// <param name="Predicted">The same as the cost model has it, what all three share counted as well.</param>
/// <param name="Chosen">What the cost model chooses.</param>
internal sealed record CrossoverPoint(
    int Visuals, int Words, bool InstructionStays, IReadOnlyList<double> Microseconds, IReadOnlyList<double> Measured,
        IReadOnlyList<double> Predicted, Association Chosen)
{
    /// <summary>Width of a token.</summary>
    public const int Width = 512;

    /// <summary>Heads.</summary>
    public const int Heads = 8;

    /// <summary>The words that are tried.</summary>
    public static IReadOnlyList<int> WordsTried { get; } = [4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80, 96];

    /// <summary>How much slower than the fastest the choice is: 1 when it is the fastest.</summary>
    public double Loss => Measured.Max() / Measured[(int)Chosen];

    /// <summary>What the cost model says of a layer.</summary>
    public static (IReadOnlyList<double> Ratios, Association Chosen) Predict(int visuals, int words, bool instructionStays)
    {
        var sizes = new AssociationSizes(1, words, visuals, Heads, Width / Heads, Width, Width, instructionStays, false, false);

        // The projection of queries, unless it is done already, and that of the output are the same in all three.
        var shared = (instructionStays ? 1 : 2) * CostConstants.Here.FewRows * words * Width * Width;
        double[] costs = [.. Enum.GetValues<Association>().Select(a => CostModel.Cost(a, sizes, CostConstants.Here) + shared)];
        return ([.. costs.Select(c => costs[0] / c)], CostModel.Cheapest(sizes, Association.KeysAndValues, CostConstants.Here));
    }

    /// <summary>Up to how many words one association is faster than another, between the points measured; null when it never or always
    /// is.</summary>
    /// <param name="points">Points of rising numbers of words.</param>
    /// <param name="ratios">Which ratios.</param>
    /// <param name="faster">The one that is faster with few words.</param>
    /// <param name="slower">The one that is faster with many.</param>
    public static double? Crossing(
        IReadOnlyList<CrossoverPoint> points, Func<CrossoverPoint, IReadOnlyList<double>> ratios, Association faster, Association slower)
    {
        double Advantage(CrossoverPoint point) => ratios(point)[(int)faster] / ratios(point)[(int)slower] - 1;
        for (var i = points.Count - 1; i > 0; i--)
        {
            var (before, after) = (Advantage(points[i - 1]), Advantage(points[i]));
            if (before >= 0 && after < 0) return points[i - 1].Words + (points[i].Words - points[i - 1].Words) * before / (before - after);
        }

        return null;
    }
}
