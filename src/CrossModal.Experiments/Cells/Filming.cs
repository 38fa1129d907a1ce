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

/// <summary>Runs a few tested episodes again and keeps pictures and attention: of each test the first success and the first
/// failure.</summary>
internal sealed class Filming(TrainedPolicy trained, EvaluationPlan plan, IReadOnlyList<TestRecord> tests,
    IReadOnlyList<GroundingRecord> grounding)
{
    private const int FramesOfFilm = 6;

    /// <summary>The films: successes and failures of each test without a control, in turn, as many as the plan asks for.</summary>
    public IReadOnlyList<Film> Run(CancellationToken cancellation)
    {
        var films = new List<Film>();
        foreach (var (test, episode) in Chosen().Take(plan.Films))
        {
            cancellation.ThrowIfCancellationRequested();
            films.Add(Record(test, episode));
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

    private Film Record(TestRecord test, int episode)
    {
        var layer = grounding.Where(g => g.Task == test.Task && !g.Layer.Contains(',', StringComparison.Ordinal)).GroupBy(g => g.Layer)
            .OrderByDescending(g => g.Average(r => (double)r.Pointed / Math.Max(1, r.Words)))
            .Select(g => g.Key).FirstOrDefault();
        var camera = new FilmingPolicy(new TabletopPolicy(trained), trained, layer);
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
        var recorded = camera.Frames;
        var frames = Enumerable.Range(0, Math.Min(FramesOfFilm, recorded.Count))
            .Select(i => recorded[(int)((long)i * (recorded.Count - 1) / Math.Max(1, Math.Min(FramesOfFilm, recorded.Count) - 1))])
                .ToArray();
        return new Film(test.Task, test.Split, episode, [.. result.Instruction.Split(' ')], result.Failure, frames)
        {
            Layer = layer,
            Rows = camera.Grid.Rows,
            Columns = camera.Grid.Columns,
        };
    }

    /// <summary>Runs the policy and keeps its frames and its attention maps.</summary>
    private sealed class FilmingPolicy(TabletopPolicy policy, TrainedPolicy trained, string? layer) : IPolicy
    {
        public List<FilmFrame> Frames { get; } = [];

        public Layers.TokenGrid Grid { get; private set; } = trained.Policy.Grid;

        public Pointing Pointing => policy.Pointing;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            var observation = observations[0];
            var map = layer is null ? null : WordGrounding.Maps(trained, observation.Frames, observation.Instruction,
                observation.Proprioception.Span, Workers.Single).FirstOrDefault(m => m.Layer == layer && m.View == 0);
            Frames.Add(Frame(observation, map));
            policy.Act(observations, actions);
        }

        private FilmFrame Frame(TabletopObservation observation, WordMap? map)
        {
            var picture = new RgbImage(observation.Frame.Size, observation.Frame.Size);
            observation.Frame.Rgb.CopyTo(picture.Pixels.AsSpan());
            using var png = new MemoryStream();
            Png.Write(png, picture);
            if (map is null) return new FilmFrame(Frames.Count, png.ToArray(), [], 0);
            Grid = map.Grid;
            var words = Enumerable.Range(0, map.Words).Select(map.Mean).ToArray();
            var largest = words.Max(w => w.Max());
            var scale = largest > 0 ? byte.MaxValue / largest : 0;
            return new FilmFrame(Frames.Count, png.ToArray(), [.. words.Select(w => w.Select(x => (byte)Math.Round(x * scale)).ToArray())],
                largest);
        }
    }
}
