using System.Globalization;
using CrossModal.Data;
using CrossModal.Policies;
using CrossModal.Server.Viewing;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Viewing;

/// <summary>Episodes in which a policy acts on the tabletop, each run when it is first opened.</summary>
internal sealed class TabletopEpisodes : IEpisodeSource, IDisposable
{
    private const double Rate = 10;
    private readonly Lock _lock = new();
    private readonly TrainedPolicy _trained;
    private readonly TabletopPolicy _policy;
    private readonly List<Drawn> _drawn = [];

    /// <summary>Draws the episodes.</summary>
    /// <param name="trained">The policy that acts.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="episodes">Episodes of each.</param>
    /// <param name="seed">Seed of the scenes.</param>
    /// <param name="title">What is shown.</param>
    /// <exception cref="ArgumentException">The policy was not made for the tabletop.</exception>
    public TabletopEpisodes(TrainedPolicy trained, IReadOnlyList<RobotTask> tasks, int episodes, ulong seed, string title)
    {
        (_trained, _policy, Title) = (trained, new TabletopPolicy(trained), title);
        var options = new EvaluationOptions
        {
            Seed = seed,
            Episodes = 1,
            BatchSize = 1,
            CameraSize = trained.Policy.Options.ImageSize,
            Views = trained.Policy.Options.Fusion.Views,
            Language = InstructionLanguages.Of(trained.Tokenizer),
        };
        foreach (var task in tasks)
            for (var i = 0; i < episodes; i++)
            {
                var at = options with { FirstEpisode = i };
                if (EpisodeSource.Draw(task, Split.S0, at, i) is not { } setup) continue;
                var other = EpisodeSource.Draw(task, Split.S0, at with { Asked = AskedInstruction.ForAnotherGoal }, i);
                _drawn.Add(new Drawn(task, at, setup.Instruction.Text, other?.Instruction.Text));
            }
    }

    /// <inheritdoc/>
    public bool IsLive => false;

    /// <inheritdoc/>
    public string Title { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cameras(string? policy) => _trained.Signature.Cameras;

    /// <inheritdoc/>
    public IReadOnlyList<Quantity> Actions(string? policy) => _trained.Signature.Actions;

    /// <inheritdoc/>
    public IReadOnlyList<EpisodeHead> List()
    {
        lock (_lock)
            return [.. _drawn.Select(d => new EpisodeHead(d.Id, d.Id, d.Instruction, d.Episode?.Range.End, d.Episode?.Outcome))];
    }

    /// <inheritdoc/>
    public ViewedEpisode? Open(string id)
    {
        lock (_lock)
        {
            if (_drawn.Find(d => d.Id == id) is not { } found) return null;
            return found.Episode ??= Run(found);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _policy.Dispose();

    private ViewedEpisode Run(Drawn drawn)
    {
        var rollout = new RecordedRollout(_policy, drawn.Task, _trained.Policy.Grid, _trained.Tokenizer.WordsOf(drawn.Instruction));
        var result = EpisodeRunner.Run(rollout, drawn.Task, Split.S0, drawn.Options).Episodes[0];
        var episode = new ViewedEpisode(drawn.Id, drawn.Id, drawn.Instruction)
        {
            Other = drawn.Other,
            Rate = Rate,
            RecordedBy = RecordedBy.Expert,
            Outcome = new EpisodeOutcome(result.Success, result.Failure.ToString()),
        };
        foreach (var step in rollout.Steps) episode.Add(step);
        return episode;
    }

    private sealed record Drawn(RobotTask Task, EvaluationOptions Options, string Instruction, string? Other)
    {
        public string Id { get; } = $"{Task.Name}-{Options.FirstEpisode.ToString(CultureInfo.InvariantCulture)}";

        public ViewedEpisode? Episode { get; set; }
    }
}
