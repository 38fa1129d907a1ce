using CrossModal.Explain;
using CrossModal.Imaging;

namespace CrossModal.Policies;

/// <summary>A test of a word of a policy, to be written beside a program's other tests: where its attention must lie
/// (<see cref="Policy.Words"/>).</summary>
public sealed class WordTest
{
    private readonly Policy _policy;
    private readonly string _word;

    internal WordTest(Policy policy, string word) => (_policy, _word) = (policy, word);

    /// <summary>Throws unless the word attends to an object: the lift of its map (mass on the object over the object's share of the
    /// pictures, 1 = chance) must exceed a number in more than half of the cases, by an exact sign test.</summary>
    /// <remarks>The null hypothesis is that the median lift is at most <paramref name="lift"/>: p = P(X ≥ k), X binomial with n cases and
    /// ½, k the cases above. Cases in which the object is hidden are left out.</remarks>
    /// <param name="cases">Steps whose instructions have the word, with where the object is.</param>
    /// <param name="lift">The lift that must be exceeded.</param>
    /// <param name="p">Significance: the test passes when the p-value is below it.</param>
    /// <param name="method">The method whose map is judged; the attention of the layer with the least spread when null.</param>
    /// <exception cref="WordTestException">The word does not attend to the object so; the message holds lift, p and number of
    /// cases.</exception>
    /// <exception cref="ArgumentException">There is no case, an instruction lacks the word, a coverage is not that of the policy's
    /// patches, or a number is out of its range.</exception>
    /// <exception cref="NotSupportedException">The method has no meaning for the policy's strategy.</exception>
    public void ShouldAttendTo(IEnumerable<WordCase> cases, double lift = 1, double p = 0.01, IMapMethod? method = null)
    {
        if (!(p is > 0 and < 1)) throw new ArgumentException($"WordTest: the significance must lie between 0 and 1, got {p}", nameof(p));
        var measured = Measure(cases, lift, method);
        if (!(measured.P < p)) throw new WordTestException(_word, lift, p, measured);
    }

    /// <summary>The median lift of the word, and how likely so many cases above a lift would be if the median were at most that.</summary>
    internal WordLift Measure(IEnumerable<WordCase> cases, double lift, IMapMethod? method = null)
    {
        ArgumentNullException.ThrowIfNull(cases);
        if (!(lift is >= 0 and < double.PositiveInfinity)) throw new ArgumentException($"WordTest: a lift of {lift}", nameof(lift));
        method ??= new RawAttention();
        var lifts = new List<double>();
        foreach (var one in cases)
        {
            if (one.Coverage.All(c => c == 0)) continue;
            lifts.Add(Lift(one, method));
        }

        if (lifts.Count == 0) throw new ArgumentException($"WordTest: there is no case of '{_word}' in which the object can be seen");
        lifts.Sort();
        var median = (lifts[(lifts.Count - 1) / 2] + lifts[lifts.Count / 2]) / 2;
        return new WordLift(median, SignTest(lifts.Count(l => l > lift), lifts.Count), lifts.Count);
    }

    /// <summary>P(X ≥ k) of X binomial with n and ½.</summary>
    internal static double SignTest(int k, int n)
    {
        // Terms in logarithms: 2^-n is 0 in double precision beyond a thousand cases.
        double sum = 0, log = -n * Math.Log(2);
        for (var i = 0; i <= n; i++)
        {
            if (i >= k) sum += Math.Exp(log);
            log += Math.Log((n - i) / (double)(i + 1));
        }

        return Math.Min(1, sum);
    }

    private double Lift(WordCase one, IMapMethod method)
    {
        var words = _policy.SetInstruction(one.Instruction, allowUnknown: true).Words;
        var index = words.ToList().IndexOf(_word);
        if (index < 0) throw new ArgumentException($"WordTest: '{one.Instruction}' has no word '{_word}'");
        foreach (var before in one.Past.Reverse()) Act(one, before);
        Act(one, one.Pictures);
        var map = method.Compute(_policy.Explained().Decision);
        var weights = map.Joined(map.Rows == 1 ? null : index);
        if (one.Coverage.Length != weights.Length)
            throw new ArgumentException($"WordTest: a coverage of {one.Coverage.Length} patches, the policy has {weights.Length}");
        return Grounding.Measure(weights, one.Coverage).Lift;
    }

    private void Act(WordCase one, IReadOnlyList<RgbImage> pictures)
    {
        if (pictures.Count != _policy.Cameras.Count)
            throw new ArgumentException($"WordTest: {pictures.Count} pictures for {_policy.Cameras.Count} cameras");
        _policy.Act(Observation.Of(_policy.Cameras, pictures, one.State));
    }
}

/// <summary>What a test of a word measured.</summary>
/// <param name="Lift">Median lift.</param>
/// <param name="P">The p-value.</param>
/// <param name="Cases">Number of cases n.</param>
internal readonly record struct WordLift(double Lift, double P, int Cases);
