namespace CrossModal.Datasets;

/// <summary>Jumps of a number.</summary>
/// <param name="Dimension">Which of the numbers.</param>
/// <param name="Count">How often it jumps.</param>
/// <param name="Place">Where it does first.</param>
internal sealed record Jumps(int Dimension, long Count, string Place);

/// <summary>Finds numbers that change slowly but for a few jumps over more than half of their range, as after a lost packet. Numbers that
/// are only ever near one of two values, such as a gripper's, may jump.</summary>
/// <param name="least">The least value of each dimension.</param>
/// <param name="most">The greatest value of each dimension.</param>
internal sealed class JumpSearch(double[] least, double[] most)
{
    private const double Jump = 0.5;
    private const double Slow = 0.1;
    private const double Near = 0.1;
    private const double MostJumps = 0.01;
    private readonly long[] _fast = new long[least.Length];
    private readonly long[] _jumps = new long[least.Length];
    private readonly long[] _between = new long[least.Length];
    private readonly string[] _first = new string[least.Length];
    private long _changes;

    /// <summary>The dimensions that jump, how often, and where first.</summary>
    public IEnumerable<Jumps> Found =>
        from d in Enumerable.Range(0, least.Length)
        where _jumps[d] > 0 && _fast[d] <= MostJumps * _changes && _between[d] > MostJumps * _changes
        select new Jumps(d, _jumps[d], _first[d]);

    /// <summary>Adds an episode.</summary>
    public void Add(string name, float[][] rows)
    {
        for (var t = 1; t < rows.Length; t++)
        {
            _changes++;
            for (var d = 0; d < least.Length; d++)
            {
                var range = most[d] - least[d];
                if (range <= 0 || !float.IsFinite(rows[t][d]) || !float.IsFinite(rows[t - 1][d])) continue;
                var change = Math.Abs(rows[t][d] - rows[t - 1][d]) / range;
                var place = (rows[t][d] - least[d]) / range;
                if (change > Slow) _fast[d]++;
                if (place is > Near and < 1 - Near) _between[d]++;
                if (change <= Jump) continue;
                if (_jumps[d]++ == 0) _first[d] = $"{name} step {t}";
            }
        }
    }
}
