using System.Globalization;

namespace CrossModal.Explain;

/// <summary>What can be said of a map's faithfulness.</summary>
public enum FaithfulnessVerdict
{
    /// <summary>The decision depends on the patches in the order of the map, more than of any baseline.</summary>
    Faithful,

    /// <summary>The map orders the patches no better than random maps or a spot in the middle of the picture.</summary>
    NoBetterThanChance,

    /// <summary>The decision hardly depends on the picture at all: no order of patches can be right or wrong.</summary>
    EffectBelowNoise,
}

/// <summary>A range of numbers.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct Range95(double Low, double High);

/// <summary>The curves of one fill: how much of the decision is left after patches are taken away, s_k = 1 − min(1, D_k/D_all).</summary>
/// <param name="Fill">What stands in place of what is taken away.</param>
/// <param name="MostRelevantFirst">s_0 … s_n with the most relevant patches taken away first.</param>
/// <param name="LeastRelevantFirst">s_0 … s_n with the least relevant patches taken away first.</param>
/// <param name="Effect">D_all: the change of the decision with all patches taken away.</param>
public sealed record FaithfulnessCurves(PictureFillKind Fill, IReadOnlyList<double> MostRelevantFirst,
    IReadOnlyList<double> LeastRelevantFirst, double Effect)
{
    /// <summary>Area under the curve of deletion; lower is better.</summary>
    public double Deletion => Area(MostRelevantFirst);

    /// <summary>Area under the curve of insertion, which is that of the least relevant first from its other end; higher is
    /// better.</summary>
    public double Insertion => Area(LeastRelevantFirst);

    /// <summary>Insertion − deletion: from −1 to 1, 0 for an order that means nothing.</summary>
    public double Score => Insertion - Deletion;

    /// <summary>The trapezoid rule, (Σs − s_0/2 − s_n/2)/n.</summary>
    internal static double Area(IReadOnlyList<double> curve) => (curve.Sum() - curve[0] / 2 - curve[^1] / 2) / (curve.Count - 1);
}

/// <summary>Whether a map is faithful: whether the decision depends on the patches it names.</summary>
/// <param name="Curves">The curves of every fill whose effect is above the noise; none when there is no such fill.</param>
/// <param name="Effect">The largest effect of taking away everything.</param>
/// <param name="NoiseFloor">The largest effect of noise on pixels over its seeds.</param>
/// <param name="Random">95 % of the scores of random maps.</param>
/// <param name="Gaussian">95 % of the scores of centred Gaussian maps.</param>
public sealed record Faithfulness(IReadOnlyList<FaithfulnessCurves> Curves, double Effect, double NoiseFloor, Range95 Random,
    Range95 Gaussian)
{
    /// <summary>Insertion − deletion, mean over fills; NaN when the effect is below the noise.</summary>
    public double Score => Curves.Count == 0 ? double.NaN : Curves.Average(c => c.Score);

    /// <summary>Area under the curve of deletion, mean over fills.</summary>
    public double Deletion => Curves.Count == 0 ? double.NaN : Curves.Average(c => c.Deletion);

    /// <summary>Area under the curve of insertion, mean over fills.</summary>
    public double Insertion => Curves.Count == 0 ? double.NaN : Curves.Average(c => c.Insertion);

    /// <summary>The largest minus the smallest score over fills.</summary>
    public double Spread => Curves.Count == 0 ? double.NaN : Curves.Max(c => c.Score) - Curves.Min(c => c.Score);

    /// <summary>The score that a map must exceed to be better than chance: the upper end of the baselines.</summary>
    internal double Chance => Math.Max(Random.High, Gaussian.High);

    /// <summary>What follows.</summary>
    public FaithfulnessVerdict Verdict => Judge(Score, Chance);

    /// <summary>What follows from a score; NaN for an effect below the noise.</summary>
    internal static FaithfulnessVerdict Judge(double score, double chance) => double.IsNaN(score) ? FaithfulnessVerdict.EffectBelowNoise
        : score > chance ? FaithfulnessVerdict.Faithful : FaithfulnessVerdict.NoBetterThanChance;

    /// <summary>The verdict in words.</summary>
    public static string InWords(FaithfulnessVerdict verdict) => verdict switch
    {
        FaithfulnessVerdict.Faithful => "faithful",
        FaithfulnessVerdict.NoBetterThanChance => "no better than chance",
        _ => "effect below noise",
    };

    /// <summary>Verdict, score and baselines in a line.</summary>
    public override string ToString() => Curves.Count == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{InWords(Verdict)} (effect {Effect:0.0000}, noise {NoiseFloor:0.0000})")
        : string.Create(CultureInfo.InvariantCulture,
            $"{InWords(Verdict)}: score {Score:+0.000;-0.000} (random {Random.Low:+0.000;-0.000} to {Random.High:+0.000;-0.000}, centred {Gaussian.Low:+0.000;-0.000} to {Gaussian.High:+0.000;-0.000})");
}
