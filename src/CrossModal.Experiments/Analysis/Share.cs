using CrossModal.Experiments.Statistics;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Experiments.Analysis;

/// <summary>A share over the episodes of one or more training runs.</summary>
public sealed class Share
{
    private readonly IReadOnlyList<(int Count, int Of)> _counts;

    private ConfidenceInterval? _interval;

    /// <summary>Makes a share.</summary>
    /// <param name="counts">Of each training run, in the order of their seeds: episodes that count, and episodes in all.</param>
    /// <exception cref="ArgumentException">There is no run, one without episodes, or one in which more count than there are.</exception>
    public Share(IReadOnlyList<(int Count, int Of)> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Count == 0) throw new ArgumentException("Share: there is no training run", nameof(counts));
        if (counts.Any(run => run.Of <= 0 || run.Count < 0 || run.Count > run.Of))
            throw new ArgumentException("Share: of each training run, there is at least one episode, and no more count than there are",
                nameof(counts));
        _counts = counts;
        Runs = [.. counts.Select(run => run.Count / (double)run.Of)];
    }

    /// <summary>Episodes that count.</summary>
    public int Count => _counts.Sum(run => run.Count);

    /// <summary>Episodes in all.</summary>
    public int Of => _counts.Sum(run => run.Of);

    /// <summary>The share of each training run, in the order of their seeds.</summary>
    public IReadOnlyList<double> Runs { get; }

    /// <summary>The mean over training runs with its 95 % interval.</summary>
    /// <remarks>
    /// Over training runs and episodes (<see cref="Bootstrap.RateOfCounts"/>). One run says nothing of the next, and where every episode of
    /// every run ended alike resampling has nothing to vary: there it is the Wilson interval over the episodes.
    /// </remarks>
    public ConfidenceInterval Interval => _interval ??= Runs.Count == 1 || Count == 0 || Count == Of ? OverEpisodes() : OverRuns();

    /// <summary>As <c>96.1 % [95.3, 96.8]</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{100 * Interval.Value:0.0} % [{100 * Interval.Lower:0.0}, {100 * Interval.Upper:0.0}]");

    private ConfidenceInterval OverEpisodes()
    {
        var wilson = WilsonInterval.Of(Count, Of);
        return new ConfidenceInterval(wilson.Rate, wilson.Lower, wilson.Upper);
    }

    private ConfidenceInterval OverRuns() => Bootstrap.RateOfCounts(_counts);
}
