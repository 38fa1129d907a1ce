using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Plans;

/// <summary>How a comparison is made: the recipe and budget that all share, seeds, sweep, tests.</summary>
/// <remarks>A run with a shorter budget is a run of its own: the learning rate falls by a cosine to 0 at the end of the budget, and weights
/// in the middle of a longer run are worse than those a shorter one ends with.</remarks>
internal sealed record ComparisonProtocol
{
    /// <summary>The format of a protocol file.</summary>
    public const string CurrentSchema = "crossmodal-protocol/1";

    /// <summary>The format.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The name: quick, default, full, or one's own.</summary>
    public required string Name { get; init; }

    /// <summary>The recipe, its steps being the whole budget; seed and learning rate are set by the plan.</summary>
    public required TabletopRecipe Recipe { get; init; }

    /// <summary>Width of all tokens.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Seeds of training: of the strategies, and of the ablations.</summary>
    public ProtocolSeeds Seeds { get; init; } = new([0], [0]);

    /// <summary>How the learning rate is chosen.</summary>
    public ProtocolSweep Sweep { get; init; } = new([], 0.25);

    /// <summary>Shares of the budget: of further, shorter runs of every strategy, and of the runs of the ablations.</summary>
    public ProtocolBudgets Budgets { get; init; } = new([], 1);

    /// <summary>How many episodes are run.</summary>
    public required ProtocolEpisodes Episodes { get; init; }

    /// <summary>The same with every task, seed, learning rate and budget once, in the order they first appear.</summary>
    internal ComparisonProtocol Once() => this with
    {
        Recipe = Recipe with { Tasks = [.. Recipe.Tasks.Distinct()] },
        Seeds = new ProtocolSeeds([.. Seeds.Strategies.Distinct()], [.. Seeds.Others.Distinct()])
        {
            More = Seeds.More is { } more ? [.. more.Select(m => new RowSeeds([.. m.Rows.Distinct()], [.. m.Seeds.Distinct()]))] : null,
        },
        Sweep = Sweep with { Rates = [.. Sweep.Rates.Distinct()] },
        Budgets = Budgets with { Shorter = [.. Budgets.Shorter.Distinct()] },
    };

    /// <summary>What all cells of a folder share: the same without further seeds, which only add cells.</summary>
    internal ComparisonProtocol Shared => this with { Seeds = Seeds with { More = null } };

    /// <summary>What is impossible about it, or null.</summary>
    internal string? Fault()
    {
        if (Width < 4 || Width % 4 != 0) return $"'width' must be a multiple of 4, got {Width}";
        if (Recipe.Tasks.Count == 0 || Recipe.Tasks.FirstOrDefault(t => RobotTasks.All.All(task => task.Name != t)) is { })
            return $"'tasks' must be some of {string.Join(", ", RobotTasks.All.Select(t => t.Name))}";
        if (Recipe.Steps < 1 || Recipe.Scenes < 1 || Recipe.Instructions < 1)
            return "'steps', 'scenes' and 'instructions' of the recipe must be at least 1";
        if (Seeds.Strategies.Count == 0 || Seeds.Others.Count == 0) return "'seeds' must name at least one seed each";
        if ((Seeds.More ?? []).FirstOrDefault(m => m.Rows.Count == 0 || m.Seeds.Count == 0) is { })
            return "'more' of 'seeds' must name at least one row and one seed each";
        if ((Seeds.More ?? []).SelectMany(m => m.Rows).FirstOrDefault(r => ComparisonVariants.All.All(v => v.Name != r)) is { } unknown)
            return $"'more' of 'seeds': there is no row '{unknown}'; there are "
                + string.Join(", ", ComparisonVariants.All.Select(v => v.Name));
        if (Sweep.Rates.Count > 0 && !(Sweep.Share is > 0 and <= 1)
            || Budgets.Shorter.Append(Budgets.Ablations)
            .Any(s => !(s is > 0 and <= 1))) return "shares of the budget must be above 0 and at most 1";
        int[] counts = [Episodes.Headline, Episodes.Others, Episodes.Controls, Episodes.Ablations, Episodes.GroundingScenes,
            Episodes.Films];
        return counts.Any(c => c < 0) || Episodes.Validation < 1 || Episodes.LearningPoints < 1
            ? "'episodes' must not be negative, 'validation' and 'learningPoints' at least 1" : null;
    }
}

/// <summary>Seeds of training.</summary>
/// <param name="Strategies">Of the strategies of the textbook and of distillation.</param>
/// <param name="Others">Of further strategies and of ablations.</param>
internal sealed record ProtocolSeeds(IReadOnlyList<ulong> Strategies, IReadOnlyList<ulong> Others)
{
    /// <summary>Further seeds of some rows, in the order they are run, after everything else; null for none.</summary>
    public IReadOnlyList<RowSeeds>? More { get; init; }
}

/// <summary>Further seeds of some rows.</summary>
/// <param name="Rows">Names of rows.</param>
/// <param name="Seeds">The seeds; every row has the first before any has the second.</param>
internal sealed record RowSeeds(IReadOnlyList<string> Rows, IReadOnlyList<ulong> Seeds);

/// <summary>How the learning rate of a strategy is chosen: by validation at a share of the budget.</summary>
/// <param name="Rates">The rates tried; the recipe's is taken untried when there are none.</param>
/// <param name="Share">Share of the budget each is tried with.</param>
internal sealed record ProtocolSweep(IReadOnlyList<double> Rates, double Share)
{
    /// <summary>
    /// Whether rates are tried with the whole budget where no run of a strategy succeeds at the share: there the share shows nothing of it,
    /// and whoever learns slowly would be given a rate by chance.
    /// </summary>
    public bool WholeWhereNoneSucceeds { get; init; }
}

/// <summary>Shares of the budget.</summary>
/// <param name="Shorter">Of further runs of the textbook's strategies, for success against budget.</param>
/// <param name="Ablations">Of the runs of the ablations.</param>
internal sealed record ProtocolBudgets(IReadOnlyList<double> Shorter, double Ablations);

/// <summary>How many episodes are run, shared out over the tasks.</summary>
/// <param name="Headline">Of S0, and as many of Z1.</param>
/// <param name="Others">Of each other split.</param>
/// <param name="Controls">Of S0 with each control.</param>
/// <param name="Ablations">Of S0, and as many of Z1, in ablations.</param>
/// <param name="Validation">At each point of a learning curve.</param>
internal sealed record ProtocolEpisodes(int Headline, int Others, int Controls, int Ablations, int Validation)
{
    /// <summary>Points of the learning curve within a run.</summary>
    public int LearningPoints { get; init; } = 5;

    /// <summary>New layouts of every task in which it is judged where the attention of words lies.</summary>
    public int GroundingScenes { get; init; } = 100;

    /// <summary>Most films of a cell.</summary>
    public int Films { get; init; } = 4;
}
