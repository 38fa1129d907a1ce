using CrossModal.Engine.Formats;
using CrossModal.Experiments.Cells;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Questions;

/// <summary>A cell of a comparison whose policy was kept.</summary>
/// <param name="Cell">What was measured of it.</param>
/// <param name="Folder">The folder of the policy.</param>
internal sealed record ComparedPolicy(CellResult Cell, string Folder)
{
    /// <summary>The name of the mean over all tasks, beside the names of tasks.</summary>
    public const string AllTasks = "all-tasks";

    /// <summary>The policy.</summary>
    public TrainedPolicy Trained => field ??= PolicyFolder.Load(Folder);

    /// <summary>NMR@10 over scenes, by task.</summary>
    public Dictionary<string, double> Nuisance { get; } = [];

    /// <summary>The instruction effect at a share of the training, over all tasks: the last measured until then; NaN where none
    /// was.</summary>
    public double EffectAt(double share)
    {
        var effects = Cell.Losses.Metrics[InstructionEffect.EffectName];
        return Enumerable.Range(0, effects.Count)
            .Where(i => effects[i] is not null && Cell.Losses.Steps[i] <= share * Cell.Configuration.Recipe.Steps + 1e-9)
            .Select(i => effects[i]!.Value).DefaultIfEmpty(double.NaN).Last();
    }

    /// <summary>Share of successes of a task in a split, or the mean over tasks; NaN where it was not tested.</summary>
    public double Success(string task, string split) => task == AllTasks
        ? Cell.Configuration.Recipe.Tasks.Average(each => Success(each, split))
        : Cell.Find(task, split) is { Episodes: > 0 } test ? (double)test.Successes / test.Episodes : double.NaN;

    /// <summary>NMR@10 of a task, or the mean over tasks.</summary>
    public double NuisanceOf(string task) => task == AllTasks ? Nuisance.Values.Average() : Nuisance[task];

    /// <summary>The cells of a folder whose policy was kept, whose training logged the instruction effect and withheld nothing, and that
    /// were tested; in the order of their files.</summary>
    /// <param name="folder">The folder of a comparison.</param>
    /// <exception cref="FileFormatException">A cell is damaged; the message names it.</exception>
    /// <exception cref="IOException">There is no such folder, or it holds no cells.</exception>
    public static IReadOnlyList<ComparedPolicy> ReadAll(string folder)
    {
        var cells = Path.Combine(folder, "cells");
        if (!Directory.Exists(cells)) throw new IOException($"{folder}: holds no cells of a comparison");
        var store = new CellStore(folder);
        return [.. Directory.EnumerateFiles(cells, "*.json").Order(StringComparer.Ordinal).Select(CellFile.Read)
            .Where(c => c.Tests.Count > 0 && c.Configuration.Recipe.Control == PolicyControl.None
                && c.Losses.Metrics.ContainsKey(InstructionEffect.EffectName))
            .Select(c => new ComparedPolicy(c, store.PolicyFolder(c.Key))).Where(p => Directory.Exists(p.Folder))];
    }
}
