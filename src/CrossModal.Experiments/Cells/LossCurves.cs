using CrossModal.Training;

namespace CrossModal.Experiments.Cells;

/// <summary>Thins the log of a run out to what a chart needs.</summary>
internal static class LossCurves
{
    private const int MostPoints = 80;
    private const int Digits = 4;
    private static readonly string[] Left = ["step", "loss", "learning_rate", "gradient_norm", "samples_per_second"];

    /// <summary>The curve of a training that did not begin.</summary>
    public static LossCurve None { get; } = new([], [], new Dictionary<string, IReadOnlyList<double?>>());

    /// <summary>The curve of a log.</summary>
    public static LossCurve Read(string path)
    {
        var log = LossLog.Read(path);
        var (steps, loss) = (log["step"], log["loss"]);
        var points = Math.Min(MostPoints, steps.Length);
        var ends = Enumerable.Range(1, points).Select(p => (int)((long)steps.Length * p / points)).ToArray();
        var metrics = log.Where(column => !Left.Contains(column.Key))
            .ToDictionary(column => column.Key, column => (IReadOnlyList<double?>)[.. Means(column.Value, ends)]);
        return new LossCurve([.. ends.Select(end => (int)steps[end - 1])], [.. Means(loss, ends).Select(mean => mean ?? 0)], metrics);
    }

    private static IEnumerable<double?> Means(double[] values, int[] ends)
    {
        var first = 0;
        foreach (var end in ends)
        {
            var real = values[first..end].Where(double.IsFinite).ToArray();
            yield return real.Length == 0 ? null : Round(real.Average());
            first = end;
        }
    }

    private static double Round(double value)
    {
        if (value == 0) return 0;
        var scale = Math.Pow(10, Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))));
        return double.IsFinite(scale) && scale > 0 ? Math.Round(value * scale) / scale : value;
    }
}
