using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Instructions made of one: words withheld, changed, in another order, drawn at random; each with the name it is measured
/// under.</summary>
internal static class InstructionChanges
{
    /// <summary>Prefixes of what is measured for a kind of word, and for a word.</summary>
    public const string Withheld = "withheld ", Changed = "changed ", WordWithheld = "word withheld ", WordChanged = "word changed ";

    /// <summary>All of them.</summary>
    /// <param name="example">The case.</param>
    /// <param name="tokenizer">The policy's words.</param>
    /// <param name="random">Source of what is drawn.</param>
    public static IEnumerable<(string Name, IReadOnlyList<string> Words)> Of(DoctorCase example, WordTokenizer tokenizer,
        RandomSource random)
    {
        var words = example.Words;
        if (example.Other is { } other) yield return (Checks.OtherInstruction, other);
        if (example.Reworded is { } reworded) yield return (Checks.Reworded, reworded);
        yield return (Checks.AllWithheld, [.. words.Select(_ => WordTokenizer.Unknown)]);
        var shuffled = words.ToArray();
        random.Shuffle<string>(shuffled);
        yield return (Checks.Shuffled, shuffled);
        yield return (Checks.RandomWords, [.. words.Select(_ => tokenizer.Words[random.NextInt(tokenizer.Words.Count)])]);
        foreach (var kind in (example.Kinds ?? []).Distinct().Where(k => k != WordKind.Other).Order())
        {
            var name = kind.ToString().ToLowerInvariant();
            yield return (Withheld + name, [.. words.Select((w, i) => example.Kinds![i] == kind ? WordTokenizer.Unknown : w)]);
            if (AnotherOf(kind, words, tokenizer, random) is { } another)
                yield return (Changed + name, [.. words.Select((w, i) => example.Kinds![i] == kind ? another : w)]);
        }

        for (var at = 0; at < words.Count; at++)
        {
            var kind = example.Kinds?[at];
            yield return (WordWithheld + words[at], [.. words.Select((w, i) => i == at ? WordTokenizer.Unknown : w)]);
            var another = kind is null ? tokenizer.Words[random.NextInt(tokenizer.Words.Count)]
                : AnotherOf(kind.Value, words, tokenizer, random);
            if (another is not null) yield return (WordChanged + words[at], [.. words.Select((w, i) => i == at ? another : w)]);
        }
    }

    /// <summary>A word of a kind that the policy knows and the instruction does not have; null when there is none.</summary>
    private static string? AnotherOf(WordKind kind, IReadOnlyList<string> words, WordTokenizer tokenizer, RandomSource random)
    {
        var chinese = words.Any(w => w.Any(Vocabulary.IsChinese));
        var others = Vocabulary.WordsOf(chinese ? InstructionLanguage.Chinese : InstructionLanguage.English)
            .Where(w => Vocabulary.KindOf(w) == kind && tokenizer.Knows(w) && !words.Contains(w)).ToArray();
        return others.Length == 0 ? null : others[random.NextInt(others.Length)];
    }
}
