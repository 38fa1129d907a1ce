using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>How alike a map is to the original one after parts of the network lost what they learned.</summary>
/// <param name="Part">The part that was randomised last; all parts above it were before.</param>
/// <param name="Correlation">|Spearman| of the map and the original one; NaN where the method found nothing any more.</param>
/// <param name="Similarity">SSIM of the two, each stretched from 0 to 1; NaN where the method found nothing any more.</param>
internal readonly record struct RandomizedStage(string Part, double Correlation, double Similarity);

/// <summary>Randomises weights from the top of a network down and compares maps (Adebayo et al. 2018): a map that stays does not depend on
/// what was learned.</summary>
internal static class WeightRandomization
{
    /// <summary>Compares the maps of all stages; the weights are as before when it returns.</summary>
    /// <remarks>Each tensor's numbers are put into another order, which keeps their distribution. Nothing else may use the network
    /// meanwhile.</remarks>
    /// <param name="network">The network.</param>
    /// <param name="map">Computes the map with the weights the network has, camera after camera.</param>
    /// <param name="grid">Where a camera's patches lie.</param>
    /// <param name="seed">Seed of the orders.</param>
    public static IReadOnlyList<RandomizedStage> Measure(Module network, Func<float[]> map, TokenGrid grid, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(map);
        var parameters = network.Parameters().ToArray();
        var before = Array.ConvertAll(parameters, p => p.Value.ToArray());
        var (original, random, stages) = (map(), new RandomSource(seed), new List<RandomizedStage>());
        try
        {
            foreach (var part in parameters.Select(p => PartOf(p.Key)).Distinct().Reverse().ToArray())
            {
                foreach (var (_, tensor) in parameters.Where(p => PartOf(p.Key) == part)) random.Shuffle(tensor.Span);
                stages.Add(Compared(part, original, map, grid));
            }
        }
        finally
        {
            for (var i = 0; i < parameters.Length; i++) before[i].CopyTo(parameters[i].Value.Span);
        }

        return stages;
    }

    /// <summary>The part a parameter belongs to: <c>fusion.layers.1</c>, <c>vision.stem</c>, <c>actor</c>.</summary>
    private static string PartOf(string name)
    {
        var names = name.Split('.');
        var number = Array.FindIndex(names, n => n.All(char.IsAsciiDigit));
        return string.Join('.', names[..(number > 0 ? number + 1 : Math.Min(2, Math.Max(1, names.Length - 1)))]);
    }

    private static RandomizedStage Compared(string part, float[] original, Func<float[]> map, TokenGrid grid)
    {
        try
        {
            var now = map();
            return new RandomizedStage(part, Math.Abs(RankCorrelation.Of(original, now)), MapSimilarity.Of(original, now, grid));
        }
        catch (NotSupportedException)
        {
            return new RandomizedStage(part, double.NaN, double.NaN);
        }
    }
}
