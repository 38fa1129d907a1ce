using CrossModal.Experiments.Cells;

namespace CrossModal.Experiments.Plans;

/// <summary>The group in which every row has what it chose among a set that is the same for all.</summary>
internal sealed partial class ComparisonPlan
{
    /// <summary>
    /// Of every row: one run of each choice with the whole budget, of which only validation decides; then, with all its seeds, the row as
    /// the table has it, with the choice that is best by validation, and with that choice and three times the steps. A longer budget is no
    /// choice among the others: both are shown.
    /// </summary>
    private IEnumerable<PlannedCell> Chosen(Func<string, CellResult?> find) =>
        ComparisonGroups.Settings(ComparisonGroups.Chosen, Protocol.Recipe)
            .Where(setting => setting.Change(Protocol.Recipe).Steps == Protocol.Recipe.Steps).GroupBy(setting => setting.Variant.Name)
            .Where(row => Strategies.Any(v => v.Name == row.Key))
            .SelectMany(row => Chosen(ComparisonVariants.Find(row.Key), [.. row], find));

    private IEnumerable<PlannedCell> Chosen(ComparisonVariant row, IReadOnlyList<AblationSetting> choices, Func<string, CellResult?> find)
    {
        var seeds = UsualSeeds(row);
        var place = new CellPlace(ComparisonGroups.Chosen, row.Name, row.Label, CellRole.Final);
        var (sweep, rate) = Sweep(row, place, find);
        var waitsForRate = rate is null ? row.Name : null;
        PlannedCell[] tried = [.. choices.Select(choice =>
            Cell(place with { Role = CellRole.Sweep, Setting = choice.Setting }, Of(choice, seeds[0]), waitsForRate))];
        foreach (var cell in sweep.Concat(tried)) yield return cell;

        var found = tried.Select(cell => cell.Key is { } key ? find(key) : null).OfType<CellResult>().ToArray();
        var waitsForChoice = waitsForRate ?? (found.Length < tried.Length ? $"the choices of {row.Name}" : null);
        var usual = new AblationSetting($"{row.Label}, as usual", row);
        var chosen = waitsForChoice is not null ? usual with { Setting = $"{row.Label}, chosen" }
            : ComparisonChoice.Best(found) is { } best ? choices[Array.FindIndex(tried, cell => cell.Key == best.Key)] : usual;
        foreach (var seed in seeds)
        {
            yield return Cell(place with { Setting = usual.Setting }, Of(usual, seed), waitsForRate);
            yield return Cell(place with { Setting = chosen.Setting }, Of(chosen, seed), waitsForChoice);
            yield return Cell(place with { Setting = chosen.Setting + ComparisonGroups.LongBudgetEnding }, Of(chosen, seed,
                ComparisonGroups.LongBudget), waitsForChoice);
        }

        CellConfiguration Of(AblationSetting setting, ulong seed, int times = 1) =>
            Configure(setting.Variant, seed, rate, times, seed == seeds[0] ? _full : _full with { Films = 0 }, setting.Change);
    }
}
