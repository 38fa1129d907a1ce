using CrossModal.Engine.Tensors;
using CrossModal.Language;

namespace CrossModal.Tabletop.Language;

/// <summary>What a choice of languages means for single instructions, and which languages a policy knows.</summary>
internal static class InstructionLanguages
{
    /// <summary>The languages of a choice, one by one.</summary>
    public static IReadOnlyList<InstructionLanguage> Each(this InstructionLanguage language) =>
        language == InstructionLanguage.Both ? [InstructionLanguage.English, InstructionLanguage.Chinese] : [language];

    /// <summary>The language of a policy's instructions, by the words of its tokenizer; English when it knows neither language's.</summary>
    public static InstructionLanguage Of(WordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);

        // A text encoder spells any word: the benchmark asks it in English.
        if (tokenizer.Encoder is not null) return InstructionLanguage.English;
        var (english, chinese) = (Knows(InstructionLanguage.English), Knows(InstructionLanguage.Chinese));
        return (english, chinese) switch
        {
            (true, true) => InstructionLanguage.Both,
            (false, true) => InstructionLanguage.Chinese,
            _ => InstructionLanguage.English,
        };

        bool Knows(InstructionLanguage language) => Vocabulary.WordsOf(language).All(tokenizer.Knows);
    }

    /// <summary>The language of the next instruction. Nothing is drawn where there is no choice, so that English alone draws what it
    /// always did.</summary>
    internal static InstructionLanguage Draw(this InstructionLanguage language, RandomSource random) =>
        language != InstructionLanguage.Both ? language : random.NextBool(0.5f) ? InstructionLanguage.Chinese : InstructionLanguage.English;
}
