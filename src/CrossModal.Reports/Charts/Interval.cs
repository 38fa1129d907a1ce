using System.Globalization;

namespace CrossModal.Reports;

/// <summary>A value with the interval it is known to lie in; shares are 0 to 1.</summary>
/// <param name="Value">The value.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct Interval(double Value, double Low, double High)
{
    /// <summary>A share as <c>72.4 %</c>.</summary>
    public static string Percent(double share) =>
        double.IsNaN(share) ? "–" : PercentNumber(share) + " %";

    /// <summary>A share as <c>72.4</c>.</summary>
    public static string PercentNumber(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The ends of a share as <c>66.1–78.0 %</c>.</summary>
    public string PercentRange =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * Low:0.0}–{100 * High:0.0} %");
}
