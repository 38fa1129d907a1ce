using System.Numerics.Tensors;
using CrossModal.Engine.Tensors;

namespace CrossModal.Experiments.Monitoring;

/// <summary>What a detector says of an episode: its score after every step, never falling, and how the episode ended.</summary>
/// <param name="Success">Whether the goal was reached.</param>
/// <param name="Limit">Steps after which an episode of the task has failed.</param>
/// <param name="Scores">The largest score so far, after every step, <c>[T]</c>.</param>
internal sealed record ScoredEpisode(bool Success, int Limit, float[] Scores)
{
    /// <summary>The largest score within some steps.</summary>
    public float Within(int steps) => Scores[Math.Min(steps, Scores.Length) - 1];
}

/// <summary>Every failure beside every success: who has the higher score when both are stopped at the same step.</summary>
/// <remarks>A failure that runs out of time is longer than a success, and a maximum grows with length: a detector that counts steps has an
/// area of one half here.</remarks>
internal sealed class MatchedPairs
{
    private readonly float[] _wins;
    private readonly int _successes;
    private readonly int _failures;

    private MatchedPairs(float[] wins, int successes, int failures) => (_wins, _successes, _failures) = (wins, successes, failures);

    /// <summary>Compares at a share of the step limit, or at the end of the shorter episode if that is earlier.</summary>
    /// <param name="episodes">The episodes.</param>
    /// <param name="share">Share of the limit.</param>
    public static MatchedPairs AtShareOfLimit(IReadOnlyList<ScoredEpisode> episodes, double share) =>
        Of(episodes, (success, _) => (int)Math.Ceiling(share * success.Limit));

    /// <summary>Compares at a share of the steps that the success of a pair took.</summary>
    public static MatchedPairs AtShareOfSuccess(IReadOnlyList<ScoredEpisode> episodes, double share) =>
        Of(episodes, (success, _) => (int)Math.Ceiling(share * success.Scores.Length));

    /// <summary>Mean over several detectors of the same episodes, such as the same one trained with other seeds.</summary>
    public static MatchedPairs Mean(IReadOnlyList<MatchedPairs> pairs)
    {
        var wins = new float[pairs[0]._wins.Length];
        foreach (var one in pairs) TensorPrimitives.Add(wins, one._wins, wins);
        TensorPrimitives.Divide(wins, pairs.Count, wins);
        return new MatchedPairs(wins, pairs[0]._successes, pairs[0]._failures);
    }

    /// <summary>Whether there is a success and a failure.</summary>
    public bool Any => _successes > 0 && _failures > 0;

    /// <summary>Area under the receiver operating characteristic: the share of pairs in which the failure has the higher score, half of
    /// those with equal scores.</summary>
    public double Area => Any ? TensorPrimitives.Sum<float>(_wins) / ((double)_successes * _failures) : double.NaN;

    /// <summary>Standard deviation of the area when episodes of each kind are drawn with replacement.</summary>
    /// <param name="seed">Seed of the drawing.</param>
    /// <param name="resamples">How often.</param>
    public double Spread(ulong seed = 1, int resamples = 400)
    {
        var random = new RandomSource(seed, RandomSource.SeedAlone);
        double sum = 0, squares = 0;
        for (var i = 0; i < resamples; i++)
        {
            var area = Draw(random);
            (sum, squares) = (sum + area, squares + area * area);
        }

        return Math.Sqrt(Math.Max(0, squares / resamples - Math.Pow(sum / resamples, 2)));
    }

    private static MatchedPairs Of(IReadOnlyList<ScoredEpisode> episodes, Func<ScoredEpisode, ScoredEpisode, int> until)
    {
        ScoredEpisode[] successes = [.. episodes.Where(e => e.Success)], failures = [.. episodes.Where(e => !e.Success)];
        var wins = new float[successes.Length * failures.Length];
        for (var s = 0; s < successes.Length; s++)
        {
            for (var f = 0; f < failures.Length; f++)
            {
                var steps = Math.Max(1, Math.Min(until(successes[s], failures[f]),
                    Math.Min(successes[s].Scores.Length, failures[f].Scores.Length)));
                var (good, bad) = (successes[s].Within(steps), failures[f].Within(steps));
                wins[s * failures.Length + f] = bad > good ? 1 : bad == good ? 0.5f : 0;
            }
        }

        return new MatchedPairs(wins, successes.Length, failures.Length);
    }

    private double Draw(RandomSource random)
    {
        var (s, f) = (Counts(_successes, random), Counts(_failures, random));
        double sum = 0;
        for (var i = 0; i < _successes; i++)
            if (s[i] > 0) sum += s[i] * TensorPrimitives.Dot<float>(_wins.AsSpan(i * _failures, _failures), f);
        return sum / ((double)_successes * _failures);
    }

    private static float[] Counts(int of, RandomSource random)
    {
        var counts = new float[of];
        for (var i = 0; i < of; i++) counts[random.NextInt(of)]++;
        return counts;
    }
}
