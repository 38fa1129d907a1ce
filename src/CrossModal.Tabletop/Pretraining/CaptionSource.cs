using System.Collections.Immutable;
using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>A scene and what is said of it.</summary>
/// <param name="Scene">The scene.</param>
/// <param name="Caption">Its objects from left to right: "the red cup the blue star".</param>
/// <param name="Named">For each word of the caption the index of the object it names.</param>
internal sealed record CaptionedScene(Scene Scene, string Caption, ImmutableArray<int> Named);

/// <summary>Scenes with captions without end: number i is a function of seed, split and i.</summary>
/// <param name="seed">Seed of the data.</param>
/// <param name="split">Which scenes; training's hold no held-out pair.</param>
internal sealed class CaptionSource(ulong seed, Split split)
{
    // Its own tag, so that no scene of a policy's training is drawn again.
    private const ulong Purpose = 0x70726574;
    private static readonly RobotTask[] Tasks = [RobotTasks.Find("pick"), RobotTasks.Find("place")];

    /// <summary>Draws a scene and its caption; safe to call from many threads.</summary>
    public CaptionedScene Draw(long index)
    {
        var sceneSeed = split.SceneSeed(RandomSource.DeriveSeed(seed, Purpose), index);
        var task = Tasks[(int)(RandomSource.DeriveSeed(sceneSeed, 1) % (ulong)Tasks.Length)];
        return Describe(task.Sample(sceneSeed, split, SceneOptions.Training).Start);
    }

    /// <summary>Says what lies in a scene, from left to right; at most four things, so that a caption is no longer than an instruction may be.</summary>
    public static CaptionedScene Describe(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        const int Most = Language.Vocabulary.MostWords / 3;
        List<string> words = [];
        List<int> named = [];
        foreach (var index in Enumerable.Range(0, scene.Objects.Length).OrderBy(i => scene.Objects[i].Position.X).Take(Most))
        {
            words.AddRange(["the", .. scene.Objects[index].Kind.ToString().Split(' ')]);
            named.AddRange([index, index, index]);
        }

        return new CaptionedScene(scene, string.Join(' ', words), [.. named]);
    }
}
