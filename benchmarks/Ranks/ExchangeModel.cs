namespace CrossModal.Benchmarks.Ranks;

/// <summary>The time of the exchange of a step: T = α·(R − 1) + β·bytes, where a rank sends bytes = 2·(R − 1)/R·4P of P numbers when it has
/// one shard (Hockney 1994; the four collectives of a step are in α).</summary>
/// <param name="Alpha">Microseconds that a step takes for each other rank, whatever is sent.</param>
/// <param name="Beta">Microseconds for a byte sent.</param>
internal sealed record ExchangeModel(double Alpha, double Beta)
{
    /// <summary>Bytes per second.</summary>
    public double BytesPerSecond => 1e6 / Beta;

    /// <summary>Fits measured times of one number of ranks by least squares of relative errors.</summary>
    public static ExchangeModel Fit(IReadOnlyList<AllReducePoint> points)
    {
        // Rows (x₁, x₂)/t, right side 1: normal equations of two unknowns.
        double a = 0, b = 0, c = 0, d = 0, e = 0;
        foreach (var point in points)
        {
            var (x, y) = ((point.Ranks - 1) / point.Microseconds, Bytes(point.Numbers, point.Ranks) / point.Microseconds);
            (a, b, c, d, e) = (a + x * x, b + x * y, c + y * y, d + x, e + y);
        }

        var determinant = a * c - b * b;
        return new ExchangeModel((c * d - b * e) / determinant, (a * e - b * d) / determinant);
    }

    /// <summary>Bytes that a rank sends in a step.</summary>
    /// <param name="numbers">Numbers of a gradient.</param>
    /// <param name="ranks">Number of ranks.</param>
    /// <param name="shards">Shards of each rank, which travel one by one to be added in their order.</param>
    public static double Bytes(double numbers, int ranks, int shards = 1) => (shards + 1.0) * (ranks - 1) / ranks * 4 * numbers;

    /// <summary>Microseconds of the exchange of a step.</summary>
    public double Time(double numbers, int ranks, int shards = 1) => Alpha * (ranks - 1) + Beta * Bytes(numbers, ranks, shards);

    /// <summary>Share of a step in which ranks compute, when each computes for so long and then exchanges.</summary>
    public double Efficiency(double microseconds, double numbers, int ranks, int shards = 1) =>
        microseconds / (microseconds + Time(numbers, ranks, shards));
}
