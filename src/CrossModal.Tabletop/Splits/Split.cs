using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Splits;

/// <summary>
/// Which scenes and sentences a policy is trained or judged on. Each split changes one thing against training. Seeds of different
/// splits come from disjoint ranges, so no scene is shared.
/// </summary>
public sealed class Split
{
    private readonly ulong _tag;

    private Split(string name, string description, ulong tag)
    {
        Name = name;
        Description = description;
        _tag = tag;
    }

    /// <summary>What training draws from.</summary>
    public static Split Training { get; } = new("train", "training layouts", 0);

    /// <summary>New layouts to choose a recipe by, so that none of the others need be looked at for that.</summary>
    public static Split Validation { get; } = new("val", "new layouts for choosing recipes", 8);

    /// <summary>S0: new layouts, everything else as in training.</summary>
    public static Split S0 { get; } = new("S0", "new layouts of trained colour-shape pairs", 1);

    /// <summary>
    /// Z1: the target is a held-out pair. All other objects (distractors, references) are training pairs and follow the same
    /// distractor rule, so the only new thing in the scene is the target's combination.
    /// </summary>
    public static Split Z1 { get; } = new("Z1", "the target is a colour-shape pair never seen in training",
        2)
    { Novelty = TargetNovelty.Pair };

    /// <summary>Z2a: sentences never trained on, made of words the task was trained with.</summary>
    public static Split Z2a { get; } = new("Z2a", "new sentences of trained words", 3) { Sentences = Sentences.UnseenTemplates };

    /// <summary>Z2b: colour and shape are named by words never trained on. Without pre-trained text this is a guess.</summary>
    public static Split Z2b { get; } = new("Z2b", "things named by words never seen in training", 4) { Sentences = Sentences.UnseenWords };

    /// <summary>Z3: 6 to 8 objects; training has at most 4 (and the objects a relation needs).</summary>
    public static Split Z3 { get; } = new("Z3", "6 to 8 objects", 5) { Objects = SceneOptions.Crowded };

    /// <summary>Z4: the target starts in the corner of the board where nothing stands in training.</summary>
    public static Split Z4 { get; } = new("Z4", "the target starts where nothing stood in training", 6) { TargetInHeldOutRegion = true };

    /// <summary>Z5: the task never asked for such a target in training, though it stood by and other tasks asked for it.</summary>
    public static Split Z5 { get; } = new("Z5", "a target this task never asked for in training", 7) { Novelty = TargetNovelty.ForTask };

    /// <summary>The splits that policies are judged on, in their order.</summary>
    public static IReadOnlyList<Split> Judged { get; } = [S0, Z1, Z2a, Z2b, Z3, Z4, Z5];

    /// <summary>Every split.</summary>
    public static IReadOnlyList<Split> All { get; } = [Training, Validation, .. Judged];

    /// <summary>Short name, for example "S0".</summary>
    public string Name { get; }

    /// <summary>One line for reports.</summary>
    public string Description { get; }

    /// <summary>What is new about the target.</summary>
    internal TargetNovelty Novelty { get; private init; }

    /// <summary>How instructions are worded.</summary>
    internal Sentences Sentences { get; private init; }

    /// <summary>How crowded its scenes are, when the split says so.</summary>
    public SceneOptions? Objects { get; private init; }

    /// <summary>Whether the target starts in the <see cref="HeldOutRegion"/>, where otherwise nothing does.</summary>
    public bool TargetInHeldOutRegion { get; private init; }

    /// <summary>The kinds that may accompany the target: training pairs in every split.</summary>
    public IReadOnlyList<ObjectKind> Companions => HeldOutPairs.Training;

    /// <summary>Finds a split by name, ignoring case.</summary>
    /// <exception cref="ArgumentException">There is no such split.</exception>
    public static Split Find(string name) =>
        All.FirstOrDefault(split => string.Equals(split.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"Split: there is no split '{name}'; there are {string.Join(", ", All.Select(split => split.Name))}.", nameof(name));

    /// <summary>The kinds that may be the target of a task.</summary>
    public IReadOnlyList<ObjectKind> TargetsOf(string task) =>
        [.. (Novelty == TargetNovelty.Pair ? HeldOutPairs.HeldOut : HeldOutPairs.Training).Where(kind => MayBeTarget(task, kind))];

    /// <summary>Whether a kind may be the target of a task.</summary>
    public bool MayBeTarget(string task, ObjectKind kind) =>
        HeldOutPairs.Contains(kind) == (Novelty == TargetNovelty.Pair)
        && (Novelty == TargetNovelty.Pair || HeldOutTaskPairs.Contains(task, kind) == (Novelty == TargetNovelty.ForTask));

    /// <summary>Draws one of the kinds that may be the target of a task.</summary>
    public ObjectKind DrawTarget(RandomSource random, string task)
    {
        ArgumentNullException.ThrowIfNull(random);
        var targets = TargetsOf(task);
        return targets[random.NextInt(targets.Count)];
    }

    /// <summary>Places objects on the board as the split wants it: nothing in the held-out region, or the target alone.</summary>
    /// <param name="random">The random source.</param>
    /// <param name="kinds">The kinds; object i of the scene is of kind i.</param>
    /// <param name="target">Index of the target.</param>
    /// <param name="condition">What else a place must satisfy.</param>
    internal Scene Place(RandomSource random, IReadOnlyList<ObjectKind> kinds, int target, PlaceCondition? condition = null) =>
        SceneSampler.Place(random, kinds, condition, HeldOutRegion.Region, TargetInHeldOutRegion ? target : -1);

    /// <summary>The seed of one scene: its top bits name the split, so the ranges of two splits never meet.</summary>
    /// <param name="seed">The seed of the experiment.</param>
    /// <param name="index">Number of the episode or sample.</param>
    public ulong SceneSeed(ulong seed, long index) => (_tag << 60) | (RandomSource.DeriveSeed(seed, (ulong)index) >> 4);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
