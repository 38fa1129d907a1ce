using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Splits;

/// <summary>Which scenes a policy is trained or judged on. Seeds of different splits come from disjoint ranges, so no scene is shared.</summary>
public sealed class Split
{
    private readonly ulong _tag;

    private Split(string name, string description, ulong tag, IReadOnlyList<ObjectKind> targets)
    {
        Name = name;
        Description = description;
        _tag = tag;
        Targets = targets;
    }

    /// <summary>What training draws from: training pairs only.</summary>
    public static Split Training { get; } = new("train", "training layouts, training pairs", 0, HeldOutPairs.Training);

    /// <summary>S0: new layouts of training pairs; a held-out pair is absent even as a distractor.</summary>
    public static Split S0 { get; } = new("S0", "new layouts of trained colour-shape pairs", 1, HeldOutPairs.Training);

    /// <summary>
    /// Z1: the target is a held-out pair. All other objects (distractors, references) are training pairs and follow the same
    /// distractor rule, so the only new thing in the scene is the target's combination.
    /// </summary>
    public static Split Z1 { get; } = new("Z1", "the target is a colour-shape pair never seen in training", 2, HeldOutPairs.HeldOut);

    /// <summary>Every split.</summary>
    public static IReadOnlyList<Split> All { get; } = [Training, S0, Z1];

    /// <summary>Short name, for example "S0".</summary>
    public string Name { get; }

    /// <summary>One line for reports.</summary>
    public string Description { get; }

    /// <summary>The kinds that may be the target.</summary>
    public IReadOnlyList<ObjectKind> Targets { get; }

    /// <summary>The kinds that may accompany the target: training pairs in every split.</summary>
    public IReadOnlyList<ObjectKind> Companions => HeldOutPairs.Training;

    /// <summary>Finds a split by name, ignoring case.</summary>
    /// <exception cref="ArgumentException">There is no such split.</exception>
    public static Split Find(string name) =>
        All.FirstOrDefault(split => string.Equals(split.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"Split: there is no split '{name}'; there are {string.Join(", ", All.Select(split => split.Name))}.", nameof(name));

    /// <summary>The seed of one scene: its top bits name the split, so the ranges of two splits never meet.</summary>
    /// <param name="seed">The seed of the experiment.</param>
    /// <param name="index">Number of the episode or sample.</param>
    public ulong SceneSeed(ulong seed, long index) => (_tag << 60) | (SceneRandom.Mix(seed, (ulong)index) >> 4);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
