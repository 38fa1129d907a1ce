using CrossModal.Experiments.Cells;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Plans;

/// <summary>A cell of the plan.</summary>
/// <param name="Place">Where it belongs.</param>
/// <param name="Configuration">What it computes; while <see cref="WaitsFor"/> says something, the learning rate or the teacher is not yet
/// known.</param>
/// <param name="Key">Its key; null while it waits.</param>
internal sealed record PlannedCell(CellPlace Place, CellConfiguration Configuration, string? Key)
{
    /// <summary>What has to be finished before the cell is known in full; null when it is.</summary>
    public string? WaitsFor { get; init; }
}

/// <summary>All cells of a comparison, in the order they are run: sweeps choose learning rates, then come the runs that count.</summary>
internal sealed partial class ComparisonPlan
{
    private const string BestStrategy = "the best strategy";

    private readonly EvaluationPlan _full;
    private readonly EvaluationPlan _ablation;

    /// <summary>Plans a comparison; what its protocol names twice counts once.</summary>
    /// <param name="protocol">How the comparison is made.</param>
    public ComparisonPlan(ComparisonProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        Protocol = protocol.Once();
        (_full, _ablation) = (Tests(Protocol, ablation: false), Tests(Protocol, ablation: true));
    }

    /// <summary>How the comparison is made.</summary>
    public ComparisonProtocol Protocol { get; }

    /// <summary>Rows of the group <see cref="ComparisonGroups.Strategies"/>, each once.</summary>
    public IReadOnlyList<ComparisonVariant> Strategies { get; init => field = [.. value.DistinctBy(v => v.Name)]; } =
        ComparisonVariants.Table;

    /// <summary>Rows among which the teacher is chosen; the strategies where null.</summary>
    public IReadOnlyList<ComparisonVariant>? Teachers { get; init; }

    /// <summary>Every cell of some groups as far as it is known.</summary>
    /// <param name="groups">Names of groups.</param>
    /// <param name="find">Finds a finished cell by its key.</param>
    /// <exception cref="ArgumentException">There is no such group.</exception>
    public IReadOnlyList<PlannedCell> Cells(IReadOnlyCollection<string> groups, Func<string, CellResult?> find)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var cells = new List<PlannedCell>();
        foreach (var group in groups)
        {
            cells.AddRange(group switch
            {
                ComparisonGroups.Strategies => Strategies.SelectMany(v => Rows(v, UsualSeeds(v), find)).OrderBy(Round),
                ComparisonGroups.Distillation => Distilled(find),
                ComparisonGroups.Chosen => Chosen(find),
                _ => Ablated(group, find),
            });
        }

        if (groups.Contains(ComparisonGroups.Strategies)) cells.AddRange(MoreSeeds(find));
        return cells;
    }

    private IReadOnlyList<ulong> UsualSeeds(ComparisonVariant row) =>
        ComparisonVariants.Table.Contains(row) ? Protocol.Seeds.Strategies : Protocol.Seeds.Others;

    /// <summary>Further seeds of rows, which make intervals narrower: after all else.</summary>
    private IEnumerable<PlannedCell> MoreSeeds(Func<string, CellResult?> find) =>
        from more in Protocol.Seeds.More ?? []
        from seed in more.Seeds
        from name in more.Rows
        let row = Strategies.FirstOrDefault(v => v.Name == name)
        where row is not null && !UsualSeeds(row).Contains(seed)
        from cell in Rows(row, [seed], find)
        where cell.Place.Role == CellRole.Final
        select cell with { Configuration = cell.Configuration with { Evaluation = cell.Configuration.Evaluation with { Films = 0 } } };

    /// <summary>When a cell is run: one seed of every strategy first, then the shorter runs, then the other seeds, so that a comparison
    /// that is stopped is a table.</summary>
    private int Round(PlannedCell cell) => cell.Place.Role == CellRole.Budget ? 1
        : Protocol.Seeds.Strategies.TakeWhile(seed => seed != cell.Configuration.Recipe.Seed).Count() is var n and > 0 ? n + 1 : 0;

    private IEnumerable<PlannedCell> Rows(ComparisonVariant variant, IReadOnlyList<ulong> seeds, Func<string, CellResult?> find)
    {
        var place = new CellPlace(ComparisonGroups.Strategies, variant.Name, variant.Label, CellRole.Final);
        var (sweep, rate) = Sweep(variant, place, find);
        foreach (var cell in sweep) yield return cell;
        foreach (var share in ComparisonVariants.Table.Contains(variant) ? Protocol.Budgets.Shorter : [])
            yield return Cell(place with { Role = CellRole.Budget }, Configure(variant, seeds[0], rate, share, Validation),
                rate is null ? variant.Name : null);
        foreach (var seed in seeds)
            yield return Cell(place, Configure(variant, seed, rate, 1, seed == seeds[0] ? _full : _full with { Films = 0 }),
            rate is null ? variant.Name : null);
    }

    /// <summary>
    /// The learning rates tried for a strategy, which is where every row of it takes its rate from: the best by validation, at a share of
    /// the budget or, where none succeeds there and the protocol asks for it, with the whole. Null while the sweep is not finished.
    /// </summary>
    private (IReadOnlyList<PlannedCell> Cells, double? Rate) Sweep(ComparisonVariant variant, CellPlace place,
        Func<string, CellResult?> find)
    {
        if (Protocol.Sweep.Rates.Count == 0) return ([], Protocol.Recipe.LearningRate);
        var part = Tried(Protocol.Sweep.Share, Validation);
        if (part.Found is not { } found || !Protocol.Sweep.WholeWhereNoneSucceeds || found.Any(r => r.Learning is [.., { Successes: > 0 }]))
            return (part.Cells, Best(part.Found));

        // As the rows themselves are run: the one that is chosen is not run twice.
        var whole = Tried(1, _full);
        return ([.. part.Cells, .. whole.Cells], Best(whole.Found));

        (PlannedCell[] Cells, CellResult[]? Found) Tried(double share, EvaluationPlan tests)
        {
            PlannedCell[] cells = [.. Protocol.Sweep.Rates.Select(rate =>
                Cell(place with { Role = CellRole.Sweep }, Configure(variant, Protocol.Seeds.Strategies[0], rate, share, tests), null))];
            CellResult[] results = [.. cells.Select(cell => find(cell.Key!)).OfType<CellResult>()];
            return (cells, results.Length == cells.Length ? results : null);
        }

        double? Best(CellResult[]? results) => results is null ? null : ComparisonChoice.Best(results)?.Configuration.Recipe.LearningRate
            ?? Protocol.Sweep.Rates[0];
    }

    private IEnumerable<PlannedCell> Ablated(string ablation, Func<string, CellResult?> find)
    {
        // One sweep for all settings, the base's own: what differs is the setting alone.
        var basis = ComparisonGroups.Basis(ablation);
        var place = new CellPlace(ablation, basis.Name, basis.Label, CellRole.Final);
        var (sweep, rate) = Sweep(basis, place, find);
        foreach (var cell in sweep) yield return cell;
        var teacher = ComparisonGroups.NeedsTeacher(ablation) ? Teacher(find) : null;
        foreach (var setting in ComparisonGroups.Settings(ablation, Protocol.Recipe))
        {
            foreach (var seed in ComparisonGroups.IsRepeated(ablation) ? Protocol.Seeds.Strategies : Protocol.Seeds.Others)
            {
                var (budget, tests) = setting.IsWhole ? (1, _full) : (Protocol.Budgets.Ablations, _ablation);
                var configuration = Configure(setting.Variant, seed, rate, budget * setting.Share, tests, setting.Change) with
                {
                    Pretraining = setting.Pretraining is { } captions ? captions with { Seed = seed } : null,
                    Teacher = setting.Distillation is { } terms && teacher is not null ? new CellTeacher(teacher.Key, terms) : null,
                };
                yield return Cell(place with { Variant = setting.Variant.Name, Label = setting.Variant.Label, Setting = setting.Setting },
                    configuration, rate is null ? basis.Name : setting.Distillation is not null && teacher is null ? BestStrategy : null);
            }
        }
    }

    private IEnumerable<PlannedCell> Distilled(Func<string, CellResult?> find)
    {
        var student = ComparisonVariants.Student;
        var (sweep, rate) = Sweep(student, new CellPlace(ComparisonGroups.Distillation, student.Name, student.Label, CellRole.Sweep), find);
        foreach (var cell in sweep) yield return cell;
        var teacher = Teacher(find);
        if (teacher is not null)
            yield return Cell(new CellPlace(ComparisonGroups.Distillation, "teacher", "The teacher", CellRole.Final), teacher.Configuration,
            null);
        foreach (var seed in Protocol.Seeds.Strategies)
        {
            var alone = Configure(student, seed, rate, 1, _full);
            yield return Cell(new CellPlace(ComparisonGroups.Distillation, student.Name, student.Label, CellRole.Final,
                "without a teacher"), alone, rate is null ? student.Name : null);
            var distilled = teacher is null ? alone : alone with { Teacher = new CellTeacher(teacher.Key, new DistillationOptions()) };
            yield return Cell(new CellPlace(ComparisonGroups.Distillation, "student-taught", $"{student.Label}, taught", CellRole.Final,
                "with a teacher"), distilled,
                teacher is null ? BestStrategy : rate is null ? student.Name : null);
        }
    }

    /// <summary>
    /// The best run, by validation, of the textbook's strategies whose words attend to patches (of all rows where none is the textbook's):
    /// of the first seed, so that neither a further row nor a further seed changes which row is the teacher. Null until all are finished.
    /// </summary>
    private CellResult? Teacher(Func<string, CellResult?> find)
    {
        var candidates = Teachers ?? Strategies;
        var rows = candidates.Any(ComparisonVariants.OfTextbook.Contains) ? candidates.Where(ComparisonVariants.OfTextbook.Contains)
            : candidates;
        var cells = rows.SelectMany(v => Rows(v, [Protocol.Seeds.Strategies[0]], find))
            .Where(c => c.Place.Role == CellRole.Final && c.Configuration.Policy.Fusion.Views == 1).ToArray();
        var results = cells.Select(c => c.Key is null ? null : find(c.Key)).ToArray();
        return results.Any(r => r is null) ? null
            : ComparisonChoice.Best([.. results.OfType<CellResult>().Where(r => r.Grounding.Count > 0)]);
    }

    private CellConfiguration Configure(ComparisonVariant variant, ulong seed, double? rate, double share, EvaluationPlan plan,
        Func<TabletopRecipe, TabletopRecipe>? change = null)
    {
        var recipe = Protocol.Recipe with
        {
            Seed = seed,
            LearningRate = rate ?? Protocol.Recipe.LearningRate,
            Steps = Math.Max(1, (int)Math.Round(share * Protocol.Recipe.Steps)),
        };
        recipe = change?.Invoke(recipe) ?? recipe;
        return new CellConfiguration(variant.Policy(Protocol.Width, recipe), recipe, plan);
    }

    private static PlannedCell Cell(CellPlace place, CellConfiguration configuration, string? waitsFor) =>
        new(place, configuration, waitsFor is null ? CellKey.Of(configuration) : null) { WaitsFor = waitsFor };

    private EvaluationPlan Validation => _full with { Tests = [], GroundingScenes = 0, Films = 0 };

    private static EvaluationPlan Tests(ComparisonProtocol protocol, bool ablation)
    {
        var episodes = protocol.Episodes;
        var tests = new List<PlannedEvaluation>();
        var tasks = protocol.Recipe.Tasks.Select(RobotTasks.Find).ToArray();
        var headline = ablation ? episodes.Ablations : episodes.Headline;
        foreach (var split in Split.Judged)
            Add(split, PolicyControl.None, split == Split.S0 || split == Split.Z1 ? headline : ablation ? 0 : episodes.Others);
        foreach (var control in Enum.GetValues<PolicyControl>().Where(c => c != PolicyControl.None))
            Add(Split.S0, control, ablation ? 0 : episodes.Controls);
        return new EvaluationPlan
        {
            Tests = tests,
            ValidationEpisodes = episodes.Validation,
            LearningPoints = episodes.LearningPoints,
            GroundingScenes = episodes.GroundingScenes,
            Films = ablation ? 0 : episodes.Films,
        };

        void Add(Split split, PolicyControl control, int all)
        {
            for (var t = 0; t < tasks.Length; t++)
            {
                var count = all * (t + 1) / tasks.Length - all * t / tasks.Length;
                if (count > 0) tests.Add(new PlannedEvaluation(tasks[t].Name, split.Name, control, count));
            }
        }
    }
}
