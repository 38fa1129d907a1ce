using CrossModal.Engine.Tensors;

namespace CrossModal.Experiments.Statistics;

/// <summary>
/// Draws how many of a number of trials succeed, by inversion of a table of the binomial distribution: drawing outcomes with replacement
/// and counting them gives the same distribution at the cost of one draw for each outcome.
/// </summary>
internal sealed class BinomialTable
{
    private readonly double[] _cumulative;

    /// <summary>Tabulates the distribution.</summary>
    /// <param name="trials">Number of trials.</param>
    /// <param name="share">Chance of each to succeed, 0 to 1.</param>
    public BinomialTable(int trials, double share)
    {
        _cumulative = new double[trials + 1];
        if (share is <= 0 or >= 1)
        {
            Array.Fill(_cumulative, 1, share <= 0 ? 0 : trials, share <= 0 ? trials + 1 : 1);
            return;
        }

        // Terms by their logarithms: the first of thousands of trials would underflow.
        var (logTerm, sum, odds) = (trials * Math.Log(1 - share), 0.0, Math.Log(share / (1 - share)));
        for (var k = 0; k <= trials; k++)
        {
            _cumulative[k] = sum += Math.Exp(logTerm);
            logTerm += odds + Math.Log((trials - k) / (k + 1.0));
        }

        _cumulative[trials] = 1;
    }

    /// <summary>A number of successes.</summary>
    public int Draw(RandomSource random)
    {
        // 53 random bits: as fine as a double between 0 and 1.
        var at = Array.BinarySearch(_cumulative, (random.NextUInt64() >> 11) * (1.0 / (1L << 53)));
        if (at < 0) return ~at;

        // Met exactly: the share of successes at most this lies at or below the draw, so the next number that can occur is meant.
        while (at + 1 < _cumulative.Length && _cumulative[at + 1] == _cumulative[at]) at++;
        return Math.Min(at + 1, _cumulative.Length - 1);
    }
}
