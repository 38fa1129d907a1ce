using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>The chart of the instruction effect over a training, beside what noise on pixels does.</summary>
internal static class EffectChart
{
    /// <summary>The chart of a run; null when its log does not hold the effect.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="language">The language of the page.</param>
    public static LineChart? Of(string folder, ToolLanguage language)
    {
        var log = LossLog.Read(Path.Combine(folder, TrainingLoop.LogName));
        if (!log.TryGetValue(InstructionEffect.EffectName, out var effect) || !log.TryGetValue(InstructionEffect.NoiseName, out var noise))
            return null;
        var (texts, steps) = (new EffectTexts(language), log["step"]);
        return new LineChart(texts.Step, texts.Axis, Measured(texts.Effect, effect), Measured(texts.Noise, noise))
        {
            LogY = true,
            Caption = texts.Caption,
        };

        // Most steps measure nothing, and zeros cannot be drawn on a scale of ratios.
        Series Measured(string name, double[] values) => new(name, [.. steps.Zip(values).Where(p => p.Second > 0)]);
    }
}
