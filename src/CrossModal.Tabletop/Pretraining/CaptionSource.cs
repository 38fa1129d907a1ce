using System.Collections.Immutable;
using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>A scene and what is said of it.</summary>
/// <param name="Scene">The scene.</param>
/// <param name="Caption">Its objects from left to right: "the red cup the blue star", or 红色的杯子蓝色的星星.</param>
/// <param name="Named">For each word of the caption the index of the object it names.</param>
internal sealed record CaptionedScene(Scene Scene, string Caption, ImmutableArray<int> Named);

/// <summary>Scenes with captions without end: number i is a function of seed, split and i.</summary>
/// <param name="seed">Seed of the data.</param>
/// <param name="split">Which scenes; training's hold no held-out pair.</param>
/// <param name="language">Language of the captions; the scenes are the same in every one.</param>
internal sealed class CaptionSource(ulong seed, Split split, InstructionLanguage language = InstructionLanguage.English)
{
    // Its own tag, so that no scene of a policy's training is drawn again.
    private const ulong Purpose = 0x70726574;
    private static readonly RobotTask[] Tasks = [RobotTasks.Find("pick"), RobotTasks.Find("place")];

    /// <summary>Draws a scene and its caption; safe to call from many threads.</summary>
    public CaptionedScene Draw(long index)
    {
        var sceneSeed = split.SceneSeed(RandomSource.DeriveSeed(seed, Purpose), index);
        var task = Tasks[(int)(RandomSource.DeriveSeed(sceneSeed, 1) % (ulong)Tasks.Length)];
        var said = language.Draw(new RandomSource(RandomSource.DeriveSeed(sceneSeed, 2), RandomSource.SeedAlone));
        return Describe(task.Sample(sceneSeed, split, SceneOptions.Training).Start, said);
    }

    /// <summary>Says what lies in a scene, from left to right; at most four things, so that a caption is no longer than an instruction may
    /// be.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="language">English or Chinese.</param>
    public static CaptionedScene Describe(Scene scene, InstructionLanguage language = InstructionLanguage.English)
    {
        ArgumentNullException.ThrowIfNull(scene);
        const int Most = Vocabulary.MostWords / 3;
        List<string> words = [];
        List<int> named = [];
        foreach (var index in Enumerable.Range(0, scene.Objects.Length).OrderBy(i => scene.Objects[i].Position.X).Take(Most))
        {
            var (color, shape) = (SceneWords.Name(scene.Objects[index].Kind.Color, language),
                SceneWords.Name(scene.Objects[index].Kind.Shape, language));
            words.AddRange(language == InstructionLanguage.Chinese ? [color, SceneWords.Of, shape] : ["the", color, shape]);
            named.AddRange([index, index, index]);
        }

        return new CaptionedScene(scene, string.Join(language == InstructionLanguage.Chinese ? "" : " ", words), [.. named]);
    }
}
