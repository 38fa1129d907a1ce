using System.Globalization;
using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Cli.Progress;

/// <summary>A training run in plain lines, for a log: the first step, every twentieth of the run, and a sign of life after ten quiet
/// seconds.</summary>
/// <remarks>A run of hours speaks less often than every ten seconds: signs of life keep a hundredth of the whole time apart.</remarks>
internal sealed class ProgressLines(TextWriter output, string title, ToolLanguage language = ToolLanguage.English) : ITrainingProgress
{
    private const int Parts = 20;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private readonly ProgressTexts _texts = new(language);
    private (double Effect, double Noise)? _effect;
    private TimeSpan _last;
    private int _part;
    private bool _spoken;

    /// <summary>Loss, speed, time left and the instruction effect of a report, in one short line.</summary>
    /// <param name="report">The report.</param>
    /// <param name="effect">The instruction effect measured last, and its noise; null when it never was.</param>
    /// <param name="language">The language.</param>
    public static string Figures(TrainingReport report, (double Effect, double Noise)? effect,
        ToolLanguage language = ToolLanguage.English)
    {
        var texts = new ProgressTexts(language);
        return texts.Figures(report.Loss, report.SamplesPerSecond, Clock(report.TimeLeft))
            + (effect is { } measured ? texts.InstructionEffect(measured.Effect, measured.Noise) : "");
    }

    /// <inheritdoc/>
    public void Started(int firstStep, int steps)
    {
        (_part, _last, _spoken) = (Part(firstStep, steps), default, false);
        if (firstStep > 0) output.WriteLine(_texts.GoesOn(title, firstStep, steps));
    }

    /// <inheritdoc/>
    public void Stepped(TrainingReport report)
    {
        _effect = InstructionEffect.Of(report) ?? _effect;
        var part = Part(report.Step, report.Steps);
        var patience = TimeSpan.FromTicks(Math.Max(Quiet.Ticks, (report.Elapsed + report.TimeLeft).Ticks / 100));
        if (_spoken && part == _part && report.Elapsed - _last < patience) return;
        (_part, _last, _spoken) = (part, report.Elapsed, true);
        output.WriteLine(_texts.Step(title, report.Step, report.Steps, Figures(report, _effect, language)));
        output.Flush();
    }

    /// <inheritdoc/>
    public void Saved(Checkpoint checkpoint)
    {
    }

    /// <inheritdoc/>
    public void Ended(TrainingSummary summary) => output.WriteLine(_texts.Ended(title, summary, Clock(summary.Elapsed)));

    private static int Part(int step, int steps) => (int)((long)Parts * step / steps);

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:D2}");
}
