using System.Numerics.Tensors;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Learning;

/// <summary>How far words and vision of a policy lie together, on scenes in rounds of as many different targets.</summary>
/// <param name="Recall">Share of what asks whose own is the nearest by cosine (recall@1), among the scenes of its round.</param>
/// <param name="Chance">What guessing would give.</param>
/// <param name="Margin">Mean cosine of what belongs together, minus that of what does not.</param>
/// <param name="Gap">Distance between the means of both sides, vectors of length 1.</param>
/// <param name="Kernel">Linear centred kernel alignment over all scenes.</param>
internal sealed record ModalityAlignment(double Recall, double Chance, double Margin, double Gap, double Kernel)
{
    private const int MostDraws = 1000;

    /// <summary>Two readings: what goes into the strategy (the mean word beside the mean visual token of its scene), and what comes out of
    /// it (the mean fused token beside the mean visual token where the target is).</summary>
    /// <param name="trained">A policy of one camera.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="rounds">Number of rounds.</param>
    /// <param name="scenes">Scenes of a round, each with another kind of target; as many as there are when fewer.</param>
    /// <param name="seed">Seed of the experiment.</param>
    /// <param name="workers">Threads; all cores when null.</param>
    public static (ModalityAlignment Before, ModalityAlignment After) Measure(
        TrainedPolicy trained, RobotTask task, Split split, int rounds, int scenes, ulong seed = 1, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        var (before, after) = (new Sides(), new Sides());
        var next = 0L;
        for (var round = 0; round < rounds; round++)
        {
            var episodes = Different(task, split, InstructionLanguages.Of(trained.Tokenizer), scenes, seed, ref next);
            var (language, vision, fused, target) = Represent(trained, episodes, workers);
            before.Add(language, vision, episodes.Count);
            after.Add(fused, target, episodes.Count);
        }

        return (before.Measure(trained.Policy.Options.Fusion.Width), after.Measure(trained.Policy.Options.Fusion.Width));
    }

    /// <summary>The next episodes whose targets are all of different kinds.</summary>
    private static List<EpisodeSetup> Different(RobotTask task, Split split, InstructionLanguage language, int count, ulong seed,
        ref long next)
    {
        var (found, kinds) = (new List<EpisodeSetup>(), new HashSet<ObjectKind>());
        for (var end = next + MostDraws; next < end && found.Count < count; next++)
        {
            var episode = task.Sample(split.SceneSeed(seed, next), split, SceneOptions.Full, language);
            if (kinds.Add(episode.Start.Objects[episode.Goal.Target].Kind)) found.Add(episode);
        }

        return found;
    }

    private static (float[] Language, float[] Vision, float[] Fused, float[] Target) Represent(TrainedPolicy trained,
        List<EpisodeSetup> episodes, Workers? workers)
    {
        var (options, grid) = (trained.Policy.Options, trained.Policy.Grid);
        var (camera, frame) = (new TabletopCamera(options.ImageSize), new CameraFrame(options.ImageSize));
        using var pass = Pass.Evaluation(workers: workers);
        var batch = new PolicyInputs(episodes.Count, episodes.Count, options.ImageSize, PolicyControl.None, pass);
        var coverage = new float[episodes.Count][];
        foreach (var (i, episode) in episodes.Index())
        {
            camera.Render(episode.Start, frame);
            batch.SetImage(i, frame);
            batch.SetText(i, episode.Instruction.Text);
            batch.SetState(i, Proprioception.Of(episode.Start));
            frame.CoverageOfPatches(CameraFrame.IdOf(episode.Goal.Target), grid.Rows, grid.Columns, coverage[i] = new float[grid.Count]);
        }

        var represented = PolicyRepresentation.Of(trained.Policy, batch.ToInput(trained.Tokenizer, options.MaxWords), pass);
        var width = options.Fusion.Width;
        ReadOnlySpan<float> tokens = represented.Vision.Span;
        var (vision, target) = (new float[episodes.Count * width], new float[episodes.Count * width]);
        for (var i = 0; i < episodes.Count; i++)
            for (var n = 0; n < grid.Count; n++)
            {
                var token = tokens.Slice((i * grid.Count + n) * width, width);
                TensorPrimitives.Add(vision.AsSpan(i * width, width), token, vision.AsSpan(i * width, width));
                TensorPrimitives.MultiplyAdd(token, coverage[i][n], target.AsSpan(i * width, width), target.AsSpan(i * width, width));
            }

        return (represented.Language.ToArray(), vision, represented.Fused.ToArray(), target);
    }

    /// <summary>Vectors of both sides, round by round.</summary>
    private sealed class Sides
    {
        private readonly List<(float[] Asking, float[] Asked, int Count)> _rounds = [];

        public void Add(float[] asking, float[] asked, int count) => _rounds.Add((asking, asked, count));

        public ModalityAlignment Measure(int width)
        {
            double recall = 0, chance = 0, margin = 0, gap = 0;
            foreach (var (asking, asked, count) in _rounds)
            {
                // Each side without its mean: whatever all scenes have in common distinguishes none from another.
                var (x, y) = (Unit(asking, width), Unit(asked, width));
                var geometry = EmbeddingGeometry.Measure(x, y, width);
                var (a, b) = (Unit(Centred(asking, width), width), Unit(Centred(asked, width), width));
                var found = Retrieval.OfRows(Similarities(a, b, width, count), 1)[0];
                (recall, chance) = (recall + found.Recall / _rounds.Count, chance + found.Chance / _rounds.Count);
                (margin, gap) = (margin + geometry.Margin / _rounds.Count, gap + geometry.ModalityGap / _rounds.Count);
            }

            return new ModalityAlignment(recall, chance, margin, gap,
                CenteredKernelAlignment.Linear([.. _rounds.SelectMany(r => r.Asking)], [.. _rounds.SelectMany(r => r.Asked)],
                    _rounds.Sum(r => r.Count)));
        }

        private static float[] Centred(float[] rows, int width)
        {
            var (centred, count) = ((float[])rows.Clone(), rows.Length / width);
            for (var c = 0; c < width; c++)
            {
                var mean = 0f;
                for (var i = 0; i < count; i++) mean += rows[i * width + c] / count;
                for (var i = 0; i < count; i++) centred[i * width + c] -= mean;
            }

            return centred;
        }

        private static float[] Unit(float[] rows, int width)
        {
            var unit = (float[])rows.Clone();
            for (var start = 0; start < unit.Length; start += width)
            {
                var row = unit.AsSpan(start, width);
                TensorPrimitives.Divide(row, Math.Max(TensorPrimitives.Norm<float>(row), float.Epsilon), row);
            }

            return unit;
        }

        private static float[] Similarities(float[] x, float[] y, int width, int count)
        {
            var similarity = new float[count * count];
            for (var i = 0; i < count; i++)
                for (var j = 0; j < count; j++)
                    similarity[i * count + j] = TensorPrimitives.Dot<float>(x.AsSpan(i * width, width), y.AsSpan(j * width, width));
            return similarity;
        }
    }
}
