using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Learning;

/// <summary>Which objects of a scene a test of a word is about.</summary>
internal abstract record WordObjects
{
    /// <summary>The object that the word names in its sentence.</summary>
    public static WordObjects Named { get; } = new NamedObject();

    /// <summary>The object that the instruction is about.</summary>
    public static WordObjects Target { get; } = new TargetObject();

    /// <summary>Names of what <see cref="Parse"/> takes.</summary>
    public static string Known { get; } =
        $"named, target, a colour ({Names<ObjectColor>()}), a shape ({Names<ObjectShape>()}), or a colour and a shape";

    /// <summary>The objects of a text: <c>named</c>, <c>target</c>, <c>red</c>, <c>cup</c> or <c>red cup</c>; null when it is none of
    /// these.</summary>
    public static WordObjects? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text is "named") return Named;
        if (text is "target") return Target;
        ObjectColor? color = null;
        ObjectShape? shape = null;
        foreach (var word in text.Split(' '))
        {
            if (color is null && shape is null && Value<ObjectColor>(word) is { } c) color = c;
            else if (shape is null && Value<ObjectShape>(word) is { } s) shape = s;
            else return null;
        }

        return new ObjectsOf(color, shape);
    }

    /// <summary>Draws steps at the start of episodes whose instruction has a word; for a policy with past frames the expert's first step
    /// that has them all.</summary>
    /// <param name="policy">The policy: its cameras, its patches, its language.</param>
    /// <param name="word">The word.</param>
    /// <param name="task">The task.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="count">How many; fewer when 100 times as many episodes do not have them.</param>
    /// <param name="seed">Seed of the scenes.</param>
    public IReadOnlyList<WordCase> Draw(Policy policy, string word, RobotTask task, Split split, int count, ulong seed)
    {
        const int EpisodesPerCase = 100;
        ArgumentNullException.ThrowIfNull(policy);
        var rig = new CameraRig(policy.ImageSize, policy.Cameras.Count);
        var (grid, language) = (policy.Grid, InstructionLanguages.Of(policy.Tokenizer));
        var cases = new List<WordCase>();
        for (var i = 0; i < (long)EpisodesPerCase * count && cases.Count < count; i++)
        {
            var drawn = task.Sample(split.SceneSeed(seed, i), split, SceneOptions.Full, language);
            var at = drawn.Instruction.Words.IndexOf(word);
            if (at < 0) continue;
            var step = ExpertStep.Of(task, drawn, rig, policy.PastFrames);
            var (episode, frames) = (step.Episode, step.Current);
            var coverage = new float[frames.Length * grid.Count];
            foreach (var thing in Of(episode, at))
                for (var view = 0; view < frames.Length; view++)
                {
                    var one = new float[grid.Count];
                    frames[view].CoverageOfPatches(CameraFrame.IdOf(thing), grid.Rows, grid.Columns, one);
                    for (var p = 0; p < one.Length; p++) coverage[view * grid.Count + p] += one[p];
                }

            cases.Add(new WordCase(string.Join(' ', episode.Instruction.Words), Pictures(frames), Proprioception.Of(episode.Start),
                coverage)
            {
                Past = [.. step.Past.Select(Pictures)],
            });
        }

        return cases;

        static RgbImage[] Pictures(CameraFrame[] frames) => [.. frames.Select(f => new RgbImage(f.Size, f.Size, [.. f.Rgb]))];
    }

    /// <summary>Numbers of the objects in a scene.</summary>
    private protected abstract IEnumerable<int> Of(EpisodeSetup episode, int word);

    // A colour without a name is one of the values, and no word.
    private static IEnumerable<string> Words<T>()
        where T : struct, Enum =>
        Enum.GetNames<T>().Where(n => n != nameof(ObjectColor.Unnamed)).Select(n => n.ToLowerInvariant());

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Words<T>());

    private static T? Value<T>(string word)
        where T : struct, Enum => Words<T>().Contains(word) ? Enum.Parse<T>(word, ignoreCase: true) : null;

    private sealed record NamedObject : WordObjects
    {
        private protected override IEnumerable<int> Of(EpisodeSetup episode, int word) =>
            episode.Instruction.ObjectIndices[word] is >= 0 and var named ? [named] : [];
    }

    private sealed record TargetObject : WordObjects
    {
        private protected override IEnumerable<int> Of(EpisodeSetup episode, int word) => [episode.Goal.Target];
    }

    private sealed record ObjectsOf(ObjectColor? Color, ObjectShape? Shape) : WordObjects
    {
        private protected override IEnumerable<int> Of(EpisodeSetup episode, int word) =>
            Enumerable.Range(0, episode.Start.Objects.Length).Where(i => Fits(episode.Start.Objects[i].Kind));

        private bool Fits(ObjectKind kind) => (Color is null || kind.Color == Color) && (Shape is null || kind.Shape == Shape);
    }
}
