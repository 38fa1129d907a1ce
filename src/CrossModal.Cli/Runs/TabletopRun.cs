using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>One evaluation of a run.</summary>
/// <param name="Name">What was evaluated, in a few words.</param>
/// <param name="Result">Its episodes.</param>
internal sealed record Scored(string Name, EvaluationResult Result);

/// <summary>A run on the tabletop, in the order it happens: train, evaluate, measure where the attention of words lies, write everything
/// into a folder.</summary>
internal sealed class TabletopRun(CommandContext context, string strategy, FusionOptions fusion, TabletopRecipe recipe, string folder)
{
    private const int EpisodesForPictures = 3;
    private readonly RunTexts _texts = new(context.Language);
    private readonly IReadOnlyList<RobotTask> _tasks = [.. recipe.Tasks.Select(RobotTasks.Find)];

    /// <summary>The trained policy.</summary>
    public TrainedPolicy Policy { get; private set; } = null!;

    /// <summary>How training ended.</summary>
    public TrainingSummary Training { get; private set; } = null!;

    /// <summary>Evaluations so far.</summary>
    public List<Scored> Scores { get; } = [];

    /// <summary>Where the attention of words lies, by layer and kind of word.</summary>
    public IReadOnlyList<WordGrounding> Grounding { get; private set; } = [];

    /// <summary>The run's folder.</summary>
    public string Folder => folder;

    /// <summary>The recipe.</summary>
    public TabletopRecipe Recipe => recipe;

    /// <summary>Folder of a policy to start from; null for random weights.</summary>
    public string? Init { get; init; }

    /// <summary>Pretrained encoders; null when all is learned.</summary>
    public PretrainedEncoders? Encoders { get; init; }

    /// <summary>How tokens are made before the strategy.</summary>
    public PerceptionOptions Perception { get; init; } = new();

    /// <summary>Number of shards; 0 for that of the run that goes on, or the recipe's.</summary>
    public int Shards { get; init; }

    /// <summary>The tasks it was trained on; the page shows heat maps of the first.</summary>
    public IReadOnlyList<RobotTask> Tasks => _tasks;

    /// <summary>Trains, or goes on from the newest checkpoint in the folder, and saves the policy.</summary>
    /// <param name="held">The run's folder.</param>
    public void Train(RunFolder held)
    {
        var options = TabletopLossSource.Describe(strategy, fusion, recipe) with { Perception = Perception };
        var source = context.Sized(() => new TabletopLossSource(options, recipe, Encoders));
        if (Init is not null)
        {
            Start(source, Init);
            held.Description.Set("weights of --init", RecordingsDigest.Of([PolicyFolder.WeightsPath(Init)]));
        }

        held.Description.Set(source.Policy);
        try
        {
            Training = new SharedTraining(context, folder) { Shards = Shards }.Run(held, source, _texts.Training, () =>
                context.Print(_texts.Began(strategy, recipe.Tasks, source.Policy.Policy.ParameterCount, recipe.Steps, recipe.Scenes,
                    recipe.Instructions, recipe.Seed, Init)));
        }
        catch (TrainingDivergedException error) when (Init is not null && error.Step == 1)
        {
            // No step has changed the weights yet: it is those it started from.
            throw new WeightOverflowException(Init, error.Message, source.Policy.Policy);
        }

        Policy = source.Policy;
    }

    private void Start(TabletopLossSource source, string init)
    {
        const int Named = 5;
        var loaded = PolicyFolder.Load(init);
        PolicyStart start;
        try
        {
            start = source.StartFrom(loaded, init);
        }
        catch (ShapeException error)
        {
            throw new UsageException($"--init {init}: {error.Message}");
        }

        context.Print(_texts.Took(start.Taken.Count, start.Taken.Count + start.New.Count, init,
            start.New.Select(name => name.Split('.')[0]).Distinct()));
        foreach (var difference in start.Differences) context.Warn($"--init {init}: {difference}; the same weights compute something else");
        if (start.Left.Count == 0) return;
        var more = start.Left.Count > Named ? $" and {start.Left.Count - Named} more" : "";
        context.Warn($"--init {init}: not taken, since this policy has nothing of that name and shape: {string.Join(", ", start.Left.Take(Named))}{more}");
    }

    /// <summary>Evaluates every task closed-loop and prints each result as a line.</summary>
    /// <returns>The result of the first task, in the first of its languages.</returns>
    public EvaluationResult Evaluate(string name, Split split, int episodes, ulong seed, PolicyControl control = PolicyControl.None)
    {
        var languages = recipe.Language.Each();
        foreach (var task in _tasks)
            foreach (var language in languages)
            {
                var full = _tasks.Count == 1 ? name : _texts.OnTask(task.Name, name);
                if (languages.Count > 1) full = _texts.InLanguage(full, language);
                Scores.Add(new Scored(full, Evaluator.Run(context, Policy, task, split, episodes, seed, control, full, EpisodesForPictures,
                    recipe.Variation, language)));
            }

        return Scores[^(_tasks.Count * languages.Count)].Result;
    }

    /// <summary>Measures where the attention of words lies and prints the best layer.</summary>
    public void Ground(int scenes, ulong seed)
    {
        Grounding = WordGrounding.Measure(Policy, _tasks[0], Split.S0, scenes, seed);
        if (Grounding.Count == 0)
        {
            context.Print(_texts.NoMaps);
            return;
        }

        context.Print(_texts.Grounding(scenes));
        foreach (var g in Grounding) context.Print(_texts.Grounded(Evaluator.LayerName(g.Layer, g.View), g.Kind, g.Mass, g.Lift,
            g.Pointing.Rate));
    }

    /// <summary>Writes <c>metrics.json</c> and <c>report.html</c>, and fills the command's result.</summary>
    public void Save(ulong seed)
    {
        var metrics = context.Result;
        TrainingRecord.Write(metrics, strategy, Policy.Policy.ParameterCount, recipe.Seed, Training,
            Policy.Policy.Options, RecipeJson.NodeOf(recipe));
        metrics["evaluations"] = new JsonArray([.. Scores.Select(s => (JsonNode)Evaluator.ToJson(s.Name, s.Result))]);
        metrics["grounding"] = new JsonArray([.. Grounding.Select(g => (JsonNode)new JsonObject
        {
            ["layer"] = g.Layer, ["view"] = g.View, ["kind"] = g.Kind.ToString().ToLowerInvariant(), ["words"] = g.Words,
            ["mass"] = Math.Round(g.Mass, 4), ["area"] = Math.Round(g.Area, 4), ["lift"] = CommandContext.Number(Math.Round(g.Lift, 2)),
            ["pointing"] = CommandContext.Number(g.Pointing.Rate), ["pointingLow"] = CommandContext.Number(g.Pointing.Lower),
                ["pointingHigh"] = CommandContext.Number(g.Pointing.Upper),
        })]);
        AtomicFile.Write(Path.Combine(folder, "metrics.json"), stream => ResultFile.Write(stream, "run", ExitCodes.Success, metrics));
        new TabletopReport(this, context.CommandLine, seed, context.Language).Build().Save(Path.Combine(folder, "report.html"));
    }
}
