using System.Text.Json.Nodes;

namespace CrossModal.Datasets;

/// <summary>Least, greatest, mean and deviation of each dimension of some numbers, as LeRobot stores them beside a data set.</summary>
internal sealed class ColumnStatistics(int width)
{
    private readonly double[] _least = Filled(width, double.PositiveInfinity);
    private readonly double[] _most = Filled(width, double.NegativeInfinity);
    private readonly double[] _mean = new double[width];
    private readonly double[] _squares = new double[width];

    /// <summary>How many rows there were.</summary>
    public long Count { get; private set; }

    /// <summary>Least value of each dimension.</summary>
    public double[] Least => _least;

    /// <summary>Greatest value of each dimension.</summary>
    public double[] Most => _most;

    /// <summary>Mean of each dimension.</summary>
    public double[] Mean => _mean;

    /// <summary>Standard deviation of each dimension.</summary>
    public double[] Deviation => [.. _squares.Select(s => Math.Sqrt(s / Math.Max(1, Count)))];

    /// <summary>Adds a row, by Welford's method, which does not lose digits.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        Count++;
        for (var d = 0; d < width; d++)
        {
            (_least[d], _most[d]) = (Math.Min(_least[d], row[d]), Math.Max(_most[d], row[d]));
            var from = row[d] - _mean[d];
            _mean[d] += from / Count;
            _squares[d] += from * (row[d] - _mean[d]);
        }
    }

    /// <summary>As JSON.</summary>
    /// <param name="wrap">Puts a number as deep into lists as LeRobot has it.</param>
    public JsonObject ToJson(Func<double, JsonNode> wrap)
    {
        return new JsonObject
        {
            ["min"] = List(_least),
            ["max"] = List(_most),
            ["mean"] = List(_mean),
            ["std"] = List(Deviation),
            ["count"] = new JsonArray(Count)
        };

        JsonArray List(double[] values) => [.. values.Select(wrap)];
    }

    private static double[] Filled(int width, double value)
    {
        var filled = new double[width];
        Array.Fill(filled, value);
        return filled;
    }
}
