using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Learning;

/// <summary>How well one kind of word attends to the right object in one layer, over many scenes.</summary>
/// <param name="Layer">Name of the attention.</param>
/// <param name="Kind">Kind of word.</param>
/// <param name="Words">Number of words judged.</param>
/// <param name="Mass">Mean share of a word's attention (mean over heads) that lies on the right object.</param>
/// <param name="Area">Mean share of the picture the object covers: what a uniform map would give.</param>
/// <param name="Pointing">Share of words whose most attended patch touches the object, with its 95 % interval.</param>
public sealed record WordGrounding(string Layer, WordKind Kind, int Words, double Mass, double Area, WilsonInterval Pointing)
{
    /// <summary>The camera to whose picture the attention is, judged by that camera's masks.</summary>
    public int View { get; init; }

    /// <summary>Mass over area; 1 is chance.</summary>
    public double Lift => Mass / Area;

    private static readonly WordKind[] Kinds = [WordKind.Verb, WordKind.Color, WordKind.Shape];

    /// <summary>Judges colours, shapes and verbs at the first step of the first episodes of a split, and of a policy with past frames at
    /// the expert's first step that has them all, by the attention to the current pictures. The right object is the one a colour or shape
    /// names, and the target for a verb. Instructions are of the policy's language or languages.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="scenes">Number of scenes.</param>
    /// <param name="seed">Seed of the experiment; the same as an evaluation's gives the same scenes.</param>
    /// <param name="workers">Threads; all cores when null.</param>
    /// <returns>One entry for each layer, camera and kind, in the order the layers ran; empty when no attention goes from words to
    /// patches.</returns>
    public static IReadOnlyList<WordGrounding> Measure(TrainedPolicy trained, RobotTask task, Split split, int scenes, ulong seed = 1,
        Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        var rig = new CameraRig(trained.Policy.Options.ImageSize, trained.Policy.Options.Fusion.Views);
        var language = InstructionLanguages.Of(trained.Tokenizer);
        var judged = new Dictionary<(string Layer, int View, WordKind Kind), List<Grounding>>();
        for (var i = 0; i < scenes; i++)
        {
            var step = ExpertStep.Of(task, task.Sample(split.SceneSeed(seed, i), split, SceneOptions.Full, language), rig,
                trained.Policy.Options.Perception.PastFrames);
            var episode = step.Episode;
            foreach (var map in Maps(trained, step.Frames, episode.Instruction, Proprioception.Of(episode.Start), workers))
                Judge(map, episode, step.Current[map.View], judged);
        }

        return [.. judged.Select(j => new WordGrounding(j.Key.Layer, j.Key.Kind, j.Value.Count, j.Value.Average(g => g.Mass),
            j.Value.Average(g => g.Area), WilsonInterval.Of(j.Value.Count(g => g.Pointed), j.Value.Count)) { View = j.Key.View })];
    }

    /// <summary>Steps for a test of a word (<see cref="Policy.Words"/>): the first episodes whose instruction has the word, with where
    /// objects are.</summary>
    /// <param name="policy">The policy: its cameras, patches and language.</param>
    /// <param name="word">The word.</param>
    /// <param name="objects">Which objects: <c>named</c>, the one the word names in its sentence; <c>target</c>; a colour, a shape, or
    /// both: <c>red cup</c>.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="scenes">How many.</param>
    /// <param name="seed">Seed of the scenes.</param>
    /// <exception cref="ArgumentException">The objects are none of these, or no instruction of the task has the word.</exception>
    public static IReadOnlyList<WordCase> Cases(Policy policy, string word, string objects, RobotTask task, Split split, int scenes = 50,
        ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        var which = WordObjects.Parse(objects)
            ?? throw new ArgumentException($"WordGrounding: '{objects}' is no object; give {WordObjects.Known}", nameof(objects));
        return which.Draw(policy, word, task, split, scenes, seed) is { Count: > 0 } cases ? cases
            : throw new ArgumentException($"WordGrounding: no instruction of {task} {split} has the word '{word}'", nameof(word));
    }

    /// <summary>Attention maps of the words of an instruction over the pictures of the policy's cameras at the first step of an episode,
    /// layer by layer.</summary>
    /// <exception cref="ArgumentException">There is not one picture for each camera.</exception>
    public static IReadOnlyList<WordMap> Maps(TrainedPolicy trained, IReadOnlyList<CameraFrame> frames, Instruction instruction,
        ReadOnlySpan<float> proprioception, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(frames);
        return frames.Count == trained.Policy.Options.Fusion.Views
            ? Maps(trained, [[.. frames]], instruction, proprioception, workers)
            : throw new ArgumentException(
                $"WordGrounding: {frames.Count} pictures for a policy of {trained.Policy.Options.Fusion.Views} cameras.", nameof(frames));
    }

    /// <summary>The same at any step.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="frames">The pictures of all cameras, newest first; those of steps before only of a policy with past frames.</param>
    /// <param name="instruction">The instruction.</param>
    /// <param name="proprioception">The robot's state.</param>
    /// <param name="workers">Threads; all cores when null.</param>
    internal static IReadOnlyList<WordMap> Maps(TrainedPolicy trained, CameraFrame[][] frames, Instruction instruction,
        ReadOnlySpan<float> proprioception, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var (trace, options) = (new AttentionTrace(), trained.Policy.Options);
        using var pass = Pass.Evaluation(trace, workers);
        var batch = new PolicyInputs(1, 1, options.ImageSize, PolicyControl.None, pass, options.Fusion.Views,
            frames.Length > 1 ? options.Perception.PastFrames : 0);
        for (var age = 0; age < frames.Length; age++)
            for (var view = 0; view < frames[age].Length; view++)
            {
                if (age == 0) batch.SetImage(0, frames[age][view], view);
                else batch.SetPast(0, age, frames[age][view], view);
            }

        batch.SetText(0, string.Join(' ', instruction.Words)); // spaces keep words apart that the policy does not know
        batch.SetState(0, proprioception);
        trained.Decide(batch.ToInput(trained.Tokenizer, trained.Policy.Options.MaxWords), pass);
        return WordMap.Read(trace, 0, instruction.Words.Length, trained.Policy.Grid);
    }

    /// <summary>The same in the picture of a policy's only camera.</summary>
    public static IReadOnlyList<WordMap> Maps(TrainedPolicy trained, CameraFrame frame, Instruction instruction,
        ReadOnlySpan<float> proprioception, Workers? workers = null) =>
        Maps(trained, [frame], instruction, proprioception, workers);

    private static void Judge(WordMap map, EpisodeSetup episode, CameraFrame frame, Dictionary<(string Layer, int View, WordKind Kind),
        List<Grounding>> judged)
    {
        var coverage = new float[map.Grid.Count];
        for (var w = 0; w < map.Words; w++)
        {
            var kind = episode.Instruction.Kinds[w];
            var named = kind == WordKind.Verb ? episode.Goal.Target : episode.Instruction.ObjectIndices[w];
            if (!Kinds.Contains(kind) || named < 0) continue;
            frame.CoverageOfPatches(CameraFrame.IdOf(named), map.Grid.Rows, map.Grid.Columns, coverage);

            // An object hidden behind the hand cannot be looked at.
            if (coverage.Max() == 0) continue;
            if (!judged.TryGetValue((map.Layer, map.View, kind), out var list)) judged[(map.Layer, map.View, kind)] = list = [];
            list.Add(Grounding.Measure(map.Mean(w), coverage));
        }
    }
}
