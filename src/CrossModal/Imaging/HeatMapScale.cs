using System.Globalization;

namespace CrossModal.Imaging;

/// <summary>
/// Where a patch weight stands between the two ends of the colour map. Keep one scale for a whole episode: a stretch per frame
/// makes a video flicker and hides change.
/// </summary>
public sealed class HeatMapScale
{
    private readonly double _low;
    private readonly double _high;

    private HeatMapScale(double low, double high, bool signed, string unit)
    {
        _low = low;
        _high = high;
        IsSigned = signed;
        Unit = unit;
    }

    /// <summary>Whether ½ stands for zero and both ends are strong.</summary>
    public bool IsSigned { get; }

    /// <summary>The value at position 0.</summary>
    internal double Low => _low;

    /// <summary>The value at position 1.</summary>
    internal double High => _high;

    /// <summary>Whether its ends are those of one frame.</summary>
    internal bool IsFitted { get; private init; }

    /// <summary>What the ticks count.</summary>
    public string Unit { get; }

    /// <summary>The marks of the colour bar: position 0–1 and label.</summary>
    public IReadOnlyList<(double Position, string Label)> Ticks => IsSigned ? SignedTicks() : Doublings();

    /// <summary>
    /// Weight times number of patches, "× uniform", on a log₂ scale from <paramref name="low"/> to <paramref name="high"/>.
    /// With the usual low of 1, a weight below chance stays uncoloured.
    /// </summary>
    /// <exception cref="ArgumentException">The ends are not 0 &lt; low &lt; high.</exception>
    public static HeatMapScale Multiples(double low = 1, double high = 32) =>
        Multiples(low, high, "× uniform, log scale");

    /// <summary>The same scale stretched to the weights of one frame; says so in its unit.</summary>
    /// <exception cref="ArgumentException">No weight is positive.</exception>
    public static HeatMapScale FittedTo(ReadOnlySpan<float> weights)
    {
        double least = double.PositiveInfinity, most = 0;
        foreach (var weight in weights)
            if (weight > 0)
            {
                least = Math.Min(least, weight);
                most = Math.Max(most, weight);
            }

        least *= weights.Length;
        most *= weights.Length;
        // A flat map has no span of its own.
        return Multiples(least < most ? least : least / 2, most, "× uniform, log scale, stretched to this frame", isFitted: true);
    }

    /// <summary>A linear scale from −<paramref name="limit"/> to +<paramref name="limit"/>, for signed relevance.</summary>
    /// <exception cref="ArgumentException">The limit is not positive.</exception>
    public static HeatMapScale Signed(double limit) => limit > 0 && double.IsFinite(limit)
        ? new HeatMapScale(-limit, limit, signed: true, "signed relevance")
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"HeatMapScale: the limit {limit} is not positive"));

    /// <summary>The place of a weight among <paramref name="patches"/> patches on the colour map, 0–1.</summary>
    public double Position(float weight, int patches) => IsSigned
        ? Math.Clamp((weight - _low) / (_high - _low), 0, 1)
        : weight > 0 ? Math.Clamp(Math.Log2(weight * (double)patches / _low) / Math.Log2(_high / _low), 0, 1) : 0;

    /// <summary>How strongly a position is to be drawn, 0–1.</summary>
    public double Strength(double position) => IsSigned ? Math.Abs(2 * position - 1) : position;

    private static HeatMapScale Multiples(double low, double high, string unit, bool isFitted = false) =>
        low > 0 && low < high && double.IsFinite(high)
        ? new HeatMapScale(low, high, signed: false, unit) { IsFitted = isFitted }
        : throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture, $"HeatMapScale: the ends {low} and {high} are not 0 < low < high"));

    private List<(double, string)> Doublings()
    {
        var ticks = new List<(double, string)>();
        for (var power = (int)Math.Ceiling(Math.Log2(_low)); power <= Math.Log2(_high); power++)
        {
            var label = power < 0 ? $"1/{Math.Pow(2, -power):0}×" : $"{Math.Pow(2, power):0}×";
            ticks.Add(((power - Math.Log2(_low)) / Math.Log2(_high / _low), label));
        }

        return ticks;
    }

    private List<(double, string)> SignedTicks() =>
        [(0, Number(_low)), (0.25, Number(_low / 2)), (0.5, "0"), (0.75, "+" + Number(_high / 2)), (1, "+" + Number(_high))];

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
