using System.Globalization;

namespace CrossModal.Reports;

/// <summary>Where values lie along one side of a chart, linear or logarithmic, with round numbers at its marks.</summary>
internal sealed class Axis
{
    private const int MostTicks = 6;
    private const int FewestRatios = 3;

    // Ends that differ by rounding alone have no marks between them.
    private const double SameValue = 1e-12;
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;
    private readonly bool _log;

    /// <summary>Makes an axis that holds all values.</summary>
    /// <param name="values">Values; those that are not finite, or not positive on a logarithmic axis, are ignored.</param>
    /// <param name="log">Whether equal ratios take equal lengths.</param>
    /// <param name="from">Where it begins, in pixels.</param>
    /// <param name="to">Where it ends, in pixels.</param>
    /// <param name="fixedEnds">Ends to keep, instead of those of the values.</param>
    public Axis(IEnumerable<double> values, bool log, double from, double to, (double Low, double High)? fixedEnds = null)
    {
        (_log, _from, _to) = (log, from, to);
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var value in values)
            if (IsShown(value)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) (low, high) = log ? (0.1, 1) : (0, 1);
        (low, high) = fixedEnds ?? (low, high);
        if (high - low <= SameValue * Math.Abs(high)) (low, high) = log ? (low / 2, high * 2)
            : (low - 0.5 * Math.Max(1e-9, Math.Abs(low)), high + 0.5 * Math.Max(1e-9, Math.Abs(high)));
        (_low, _high) = (low, high);
        Ticks = log ? Ratios() : Steps();
        if (fixedEnds is not null) return;

        // A linear axis is stretched to its outermost round numbers, so that no curve touches the frame.
        if (log) return;
        var step = Step();
        (_low, _high) = (Math.Floor(_low / step + 1e-9) * step, Math.Ceiling(_high / step - 1e-9) * step);
        Ticks = Steps();
    }

    /// <summary>The marks: value and label.</summary>
    public IReadOnlyList<(double Value, string Label)> Ticks { get; }

    /// <summary>Whether a value has a place on the axis.</summary>
    public bool IsShown(double value) => double.IsFinite(value) && (!_log || value > 0);

    /// <summary>The place of a value, in pixels; values beyond an end lie on it.</summary>
    public double At(double value)
    {
        var share = _log ? Math.Log(value / _low) / Math.Log(_high / _low) : (value - _low) / (_high - _low);
        return _from + (_to - _from) * Math.Clamp(share, 0, 1);
    }

    /// <summary>A value in at most three digits, as beside a mark: <c>1.24 M</c>, <c>45.1 k</c>, <c>0.37</c>.</summary>
    public static string Figure(double value)
    {
        if (!double.IsFinite(value)) return "–";
        var (scaled, unit) = Math.Abs(value) switch
        {
            >= 1e9 => (value / 1e9, " G"),
            >= 1e6 => (value / 1e6, " M"),
            >= 1e4 =>
            (value / 1e3, " k"),
            _ => (value, "")
        };
        var digits = scaled == 0 ? 0 : Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(scaled))), 0, 6);
        return HtmlWriter.Fixed(scaled, digits) + unit;
    }

    private double Step()
    {
        var rough = (_high - _low) / (MostTicks - 1);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }

    private List<(double, string)> Steps()
    {
        var step = Step();
        var ticks = new List<(double, string)>();
        for (var i = Math.Ceiling(_low / step - 1e-9); i * step <= _high + 1e-9 * step; i++)
            ticks.Add((i * step + 0.0, Label(i * step + 0.0, step))); // + 0.0 turns −0 into 0
        return ticks;
    }

    private List<(double, string)> Ratios()
    {
        var decades = Math.Log10(_high / _low);

        // Within half a decade, and where hardly a round ratio falls within, round steps say more.
        if (decades < 0.5) return Steps();
        double[] steps = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
        var ticks = new List<(double, string)>();
        var every = Math.Max(1, (int)Math.Ceiling(decades / (MostTicks + 2)));
        for (var power = (int)Math.Floor(Math.Log10(_low)); power <= Math.Ceiling(Math.Log10(_high)); power++)
            foreach (var step in steps)
                if (step * Math.Pow(10, power) is var value && value >= _low * 0.999 && value <= _high * 1.001 && power % every == 0)
                    ticks.Add((value, Label(value, value)));
        return ticks.Count < FewestRatios ? Steps() : ticks;
    }

    private static string Label(double value, double step)
    {
        if (Math.Abs(value) >= 1e6) return (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M";
        if (Math.Abs(value) >= 1e4) return (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k";
        if (step is < 1e-4 and > 0) return value == 0 ? "0" : value.ToString("0.#e0", CultureInfo.InvariantCulture);
        return Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture);
    }
}
