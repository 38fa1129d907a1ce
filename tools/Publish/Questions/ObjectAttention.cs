using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Questions;

/// <summary>Attention of the words that name the target over the first picture of an episode, object by object.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Frame">What the camera sees.</param>
/// <param name="Maps">The maps of all layers.</param>
internal sealed record ObjectAttention(EpisodeSetup Episode, CameraFrame Frame, IReadOnlyList<WordMap> Maps)
{
    /// <summary>Measures the attention in the first scenes of a split.</summary>
    public static IEnumerable<ObjectAttention> Measure(TrainedPolicy policy, RobotTask task, Split split, int scenes, ulong seed)
    {
        var camera = new TabletopCamera(policy.Policy.Options.ImageSize);
        for (var i = 0; i < scenes; i++)
        {
            var episode = task.Sample(split.SceneSeed(seed, i), split, SceneOptions.Full);
            var frame = new CameraFrame(policy.Policy.Options.ImageSize);
            camera.Render(episode.Start, frame);
            yield return new ObjectAttention(episode, frame,
                WordGrounding.Maps(policy, frame, episode.Instruction, Proprioception.Of(episode.Start)));
        }
    }

    /// <summary>Words that name the target by colour or shape.</summary>
    public IEnumerable<int> Naming => Enumerable.Range(0, Episode.Instruction.Words.Length)
        .Where(w => Episode.Instruction.ObjectIndices[w] == Episode.Goal.Target && Episode.Instruction.Kinds[w] is WordKind.Color
            or WordKind.Shape);

    /// <summary>Share of the naming words' attention on each object in a layer.</summary>
    public double[] Masses(int layer)
    {
        var (map, words) = (Maps[layer], Naming.ToList());
        var (masses, coverage) = (new double[Episode.Start.Objects.Length], new float[map.Grid.Count]);
        for (var i = 0; i < masses.Length; i++)
        {
            Frame.CoverageOfPatches(CameraFrame.IdOf(i), map.Grid.Rows, map.Grid.Columns, coverage);
            foreach (var word in words) masses[i] += Grounding.Measure(map.Mean(word), coverage).Mass / words.Count;
        }

        return masses;
    }
}
