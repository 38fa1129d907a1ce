using System.Diagnostics;
using System.Globalization;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Says how far a run is and how long it still takes: in place on a terminal, as a line now and then elsewhere.</summary>
/// <param name="output">Where to.</param>
/// <param name="inPlace">Whether a line may be written over.</param>
internal sealed class Progress(TextWriter output, bool inPlace)
{
    private const int Width = 110;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(15);

    private readonly Stopwatch _started = Stopwatch.StartNew();
    private TimeSpan _said = -Pace;
    private int _steps;
    private int _done;

    /// <summary>Begins a stretch of a number of steps.</summary>
    public void Start(int steps)
    {
        (_steps, _done) = (steps, 0);
        _started.Restart();
        _said = -Pace;
    }

    /// <summary>One step begins.</summary>
    public void Step(string what)
    {
        if (inPlace || _started.Elapsed - _said >= Pace)
        {
            _said = _started.Elapsed;
            Print($"{what}{(_done > 0 ? $"; {Left(_started.Elapsed, _done, _steps)}" : "")}");
        }

        _done++;
    }

    /// <summary>Says what is being done.</summary>
    public void Print(string what)
    {
        if (inPlace) output.Write("\r" + Fitted(what));
        else output.WriteLine(what);
    }

    /// <summary>Says something that stays.</summary>
    public void Line(string what)
    {
        if (inPlace) output.Write("\r" + Fitted("") + "\r");
        output.WriteLine(what);
    }

    /// <summary>How long the rest takes if it goes on as it went so far.</summary>
    public static string Left(TimeSpan elapsed, int done, int steps)
    {
        var left = elapsed / done * (steps - done);
        return left < TimeSpan.FromMinutes(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{left.TotalSeconds:F0} s left")
            : string.Create(CultureInfo.InvariantCulture, $"{left.TotalMinutes:F0} min left");
    }

    private static string Fitted(string text) => text.Length > Width ? text[..Width] : text.PadRight(Width);
}
