using CrossModal.Engine.Kernels;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Cells;

/// <summary>Runs a few tested episodes again and keeps pictures, attention, and whether its maps are faithful: of each test the first
/// success and the first failure.</summary>
internal sealed class Filming(TrainedPolicy trained, EvaluationPlan plan, IReadOnlyList<TestRecord> tests,
    IReadOnlyList<GroundingRecord> grounding)
{
    private const int FramesOfFilm = 6;

    /// <summary>The films: successes and failures of each test without a control, in turn, as many as the plan asks for.</summary>
    public IReadOnlyList<Film> Run(CancellationToken cancellation)
    {
        var films = new List<Film>();
        using var explained = Policy.Of(trained, new PolicyRunOptions { Workers = Workers.Single });
        foreach (var (test, episode) in Chosen().Take(plan.Films))
        {
            cancellation.ThrowIfCancellationRequested();
            films.Add(Record(test, episode, explained, cancellation));
        }

        return films;
    }

    private IEnumerable<(TestRecord Test, int Episode)> Chosen()
    {
        foreach (var test in tests.Where(t => t.Control == PolicyControl.None))
        {
            var succeeded = EpisodeBits.Decode(test.Succeeded, test.Episodes);
            foreach (var wanted in (bool[])[true, false])
                if (Array.IndexOf(succeeded, wanted) is >= 0 and var episode) yield return (test, episode);
        }
    }

    private Film Record(TestRecord test, int episode, Policy explained, CancellationToken cancellation)
    {
        var layer = grounding.Where(g => g.Task == test.Task && !g.Layer.Contains(',', StringComparison.Ordinal)).GroupBy(g => g.Layer)
            .OrderByDescending(g => g.Average(r => (double)r.Pointed / Math.Max(1, r.Words)))
            .Select(g => g.Key).FirstOrDefault();
        using var acting = new TabletopPolicy(trained);
        var camera = new FilmingPolicy(acting, layer is null ? null : explained);
        var options = new EvaluationOptions
        {
            Episodes = 1,
            FirstEpisode = episode,
            Seed = test.Seed,
            BatchSize = 1,
            CameraSize = trained.Policy.Options.ImageSize,
            Views = trained.Policy.Options.Fusion.Views,
        };
        var result = EpisodeRunner.Run(camera, RobotTasks.Find(test.Task), Split.Find(test.Split), options).Episodes[0];
        var steps = camera.Steps;
        var count = Math.Min(FramesOfFilm, steps.Count);
        var frames = new List<FilmFrame>();
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var number = (int)((long)i * (steps.Count - 1) / Math.Max(1, count - 1));
            frames.Add(steps[number].ToFrame(number, layer));
        }

        return new Film(test.Task, test.Split, episode, [.. result.Instruction.Split(' ')], result.Failure, frames)
        {
            Layer = layer,
            Rows = trained.Policy.Grid.Rows,
            Columns = trained.Policy.Grid.Columns,
        };
    }

    /// <summary>Runs the policy and keeps its pictures and what it decided on.</summary>
    /// <param name="policy">The policy that acts.</param>
    /// <param name="explained">The same policy, which is asked about its steps, with the episode's earlier pictures where it has past
    /// frames; null when there is nothing to ask.</param>
    private sealed class FilmingPolicy(TabletopPolicy policy, Policy? explained) : IPolicy
    {
        public List<FilmedStep> Steps { get; } = [];

        public Pointing Pointing => policy.Pointing;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            var observation = observations[0];
            var frame = observation.Frame;
            Steps.Add(new FilmedStep(new RgbImage(frame.Size, frame.Size, [.. frame.Rgb]), Maps(observation), explained?.Explained()));
            policy.Act(observations, actions);
        }

        private IReadOnlyList<WordMap> Maps(TabletopObservation observation)
        {
            if (explained is null) return [];

            // Spaces keep words apart that the policy does not know.
            if (Steps.Count == 0) explained.SetInstruction(string.Join(' ', observation.Instruction.Words), allowUnknown: true);
            explained.Act(Observation.Of(explained.Cameras, observation.Frames, f => f.ToFrame(), observation.Proprioception.Span));
            return explained.Maps();
        }
    }

    /// <summary>A step of an episode.</summary>
    /// <param name="Picture">The front camera's picture.</param>
    /// <param name="Maps">The maps of every layer and camera.</param>
    /// <param name="Explained">The decision; null without maps.</param>
    private sealed record FilmedStep(RgbImage Picture, IReadOnlyList<WordMap> Maps, StepExplanation? Explained)
    {
        /// <summary>The step as it is kept: each word's map of a layer, and whether it is faithful.</summary>
        public FilmFrame ToFrame(int number, string? layer)
        {
            using var png = new MemoryStream();
            Png.Write(png, Picture);
            if (Maps.FirstOrDefault(m => m.Layer == layer && m.View == 0) is not { } map)
                return new FilmFrame(number, png.ToArray(), [], 0);
            var words = Enumerable.Range(0, map.Words).Select(map.Mean).ToArray();
            var largest = words.Max(w => w.Max());
            var scale = largest > 0 ? byte.MaxValue / largest : 0;
            var test = FaithfulnessTest.Short(() => Explained!.Decision);
            return new FilmFrame(number, png.ToArray(), [.. words.Select(w => w.Select(x => (byte)Math.Round(x * scale)).ToArray())],
                largest)
            {
                Verdicts = test is null ? null
                    : [.. words.Select((_, word) => FilmVerdict.Of(test.Measure(Maps, map.Layer, word)))],
            };
        }
    }
}
