using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Experiments.Monitoring;

/// <summary>What is done to the words of an instruction before the policy is given it.</summary>
internal enum WordChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The instruction is one unknown word.</summary>
    Withheld,

    /// <summary>Every word is replaced by one drawn from the vocabulary.</summary>
    Garbled,
}

/// <summary>Circumstances under which a policy is rolled out; most of them make it fail, each in its own way.</summary>
/// <param name="Name">Short name, for files and tables.</param>
/// <param name="Split">Which scenes.</param>
/// <param name="Words">What is done to the words.</param>
/// <param name="StuckGripper">Whether the fingers never close.</param>
internal sealed record RolloutCondition(string Name, Split Split, WordChange Words = WordChange.None, bool StuckGripper = false)
{
    private const ulong Garbling = 0x6A4B;

    /// <summary>New layouts, nothing changed.</summary>
    public static RolloutCondition Plain { get; } = new("plain", Split.S0);

    /// <summary>All circumstances, in the order of tables.</summary>
    public static IReadOnlyList<RolloutCondition> All { get; } =
    [
        Plain,
        new("unseen-pairs", Split.Z1),
        new("many-objects", Split.Z3),
        new("words-withheld", Split.S0, WordChange.Withheld),
        new("words-garbled", Split.S0, WordChange.Garbled),
        new("stuck-gripper", Split.S0, StuckGripper: true),
    ];

    /// <summary>Whether nothing is done to words or gripper: successes of such episodes give a threshold.</summary>
    public static bool IsNominal(string name) => All.Any(c => c.Name == name && c is { Words: WordChange.None, StuckGripper: false });

    /// <summary>What the policy is told in an episode.</summary>
    /// <param name="instruction">The instruction of the episode.</param>
    /// <param name="episode">Number of the episode, from which drawn words follow.</param>
    public string Told(Instruction instruction, int episode)
    {
        if (Words == WordChange.None) return instruction.Text;
        if (Words == WordChange.Withheld) return WordTokenizer.Unknown;
        var random = new RandomSource(RandomSource.DeriveSeed(Garbling, (ulong)episode), RandomSource.SeedAlone);
        return string.Join(' ', instruction.Words.Select(_ => Vocabulary.Words[random.NextInt(Vocabulary.Words.Length)]));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
