using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CrossModal.Cli.Progress;

/// <summary>Shows a training run: a bar that redraws itself where someone watches, else a plain line now and then.</summary>
internal static class ConsoleProgress
{
    /// <summary>Runs work that reports its progress, and shows it.</summary>
    /// <param name="terminal">Where to show it.</param>
    /// <param name="title">What is running, in a word or two.</param>
    /// <param name="work">The work; what it throws passes through.</param>
    /// <param name="language">The language of what is shown.</param>
    /// <returns>What the work returns.</returns>
    public static T Run<T>(Terminal terminal, string title, Func<ITrainingProgress, T> work, ToolLanguage language = ToolLanguage.English)
    {
        var lines = new ProgressLines(terminal.Output, title, language);
        if (!terminal.IsInteractive) return work(lines);
        var figures = new FiguresColumn(language);
        TrainingSummary? summary = null;
        var result = terminal.Console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), figures)
            .Start(context =>
            {
                var bar = new Bar(context.AddTask(Markup.Escape(title)), figures);
                var made = work(bar);
                summary = bar.Summary;
                return made;
            });

        // Written below the bar, when it no longer redraws itself.
        if (summary is not null) lines.Ended(summary);
        return result;
    }

    private sealed class Bar(ProgressTask task, FiguresColumn figures) : ITrainingProgress
    {
        public TrainingSummary? Summary { get; private set; }

        public void Started(int firstStep, int steps)
        {
            task.MaxValue = steps;
            task.Value = firstStep;
        }

        public void Stepped(TrainingReport report)
        {
            figures.Latest = report;
            task.Value = report.Step;
        }

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary) => Summary = summary;
    }

    private sealed class FiguresColumn(ToolLanguage language) : ProgressColumn
    {
        // Written by the thread that trains, read by the one that draws: one reference, replaced as a whole.
        private volatile Shown? _latest;

        public TrainingReport? Latest
        {
            set => _latest = value is null ? null : new Shown(value, InstructionEffect.Of(value) ?? _latest?.Effect);
        }

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(_latest is { } shown ? ProgressLines.Figures(shown.Report, shown.Effect, language) : "");

        private sealed record Shown(TrainingReport Report, (double Effect, double Noise)? Effect);
    }
}
