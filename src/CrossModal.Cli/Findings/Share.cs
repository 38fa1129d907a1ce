using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Statistics;

namespace CrossModal.Cli.Findings;

/// <summary>A share over the episodes of one or more training runs.</summary>
/// <param name="counts">Of each training run, in the order of their seeds: episodes that count, and episodes in all.</param>
internal sealed class Share(IReadOnlyList<(int Count, int Of)> counts)
{
    private Interval? _interval;

    /// <summary>Episodes that count.</summary>
    public int Count => counts.Sum(run => run.Count);

    /// <summary>Episodes in all.</summary>
    public int Of => counts.Sum(run => run.Of);

    /// <summary>The share of each training run, in the order of their seeds.</summary>
    public IReadOnlyList<double> Runs { get; } = [.. counts.Select(run => run.Count / (double)run.Of)];

    /// <summary>The mean over training runs with its 95 % interval.</summary>
    /// <remarks>
    /// Over training runs and episodes (<see cref="Bootstrap.RateOfCounts"/>). One run says nothing of the next, and where every episode of
    /// every run ended alike resampling has nothing to vary: there it is the Wilson interval over the episodes.
    /// </remarks>
    public Interval Interval => _interval ??= Runs.Count == 1 || Count == 0 || Count == Of ? OverEpisodes() : OverRuns();

    /// <summary>As <c>96.1 % [95.3, 96.8]</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{100 * Interval.Value:0.0} % [{100 * Interval.Low:0.0}, {100 * Interval.High:0.0}]");

    private Interval OverEpisodes()
    {
        var wilson = WilsonInterval.Of(Count, Of);
        return new Interval(wilson.Rate, wilson.Lower, wilson.Upper);
    }

    private Interval OverRuns()
    {
        var bootstrap = Bootstrap.RateOfCounts(counts);
        return new Interval(bootstrap.Value, bootstrap.Lower, bootstrap.Upper);
    }
}
