using CrossModal.Cli.Reports;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Cli.Findings;

/// <summary>A share over the episodes of one or more training runs.</summary>
/// <param name="Count">Episodes that count.</param>
/// <param name="Of">Episodes in all.</param>
/// <param name="Runs">The share of each training run, in the order of their seeds.</param>
internal sealed record Share(int Count, int Of, IReadOnlyList<double> Runs)
{
    /// <summary>The share with its 95 % Wilson interval, episodes of all training runs taken together.</summary>
    public Interval Interval
    {
        get
        {
            var wilson = WilsonInterval.Of(Count, Of);
            return new Interval(wilson.Rate, wilson.Lower, wilson.Upper);
        }
    }

    /// <summary>As <c>96.1 % [95.3, 96.8]</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{100 * Interval.Value:0.0} % [{100 * Interval.Low:0.0}, {100 * Interval.High:0.0}]");
}
