using System.Collections.Immutable;
using System.Text;

namespace CrossModal.Tabletop.Language;

/// <summary>A sentence, and what each of its words is about, so that attention can be judged word by word.</summary>
public sealed class Instruction
{
    /// <summary>Creates an instruction from its sentence.</summary>
    /// <param name="text">The sentence; only words of the <see cref="Vocabulary"/> and their <see cref="Synonyms"/>.</param>
    /// <param name="objectIndices">For each word the index of the object it names, or -1; left out when the scene is unknown.</param>
    /// <exception cref="ArgumentException">A word is unknown, the sentence is too long, or the indices do not match its words.</exception>
    public Instruction(string text, ImmutableArray<int> objectIndices = default)
    {
        Words = [.. Vocabulary.Split(text)];
        if (Words.Length is 0 or > Vocabulary.MostWords)
            throw new ArgumentException($"Instruction: '{text}' has {Words.Length} words; 1 to {Vocabulary.MostWords} are possible.",
                nameof(text));
        Text = Join(Words);
        Kinds = [.. Words.Select(Vocabulary.KindOf)];
        ObjectIndices = objectIndices.IsDefault ? [.. Words.Select(_ => -1)] : objectIndices;
        if (ObjectIndices.Length != Words.Length)
            throw new ArgumentException($"Instruction: {ObjectIndices.Length} object indices for the {Words.Length} words of '{text}'.",
                nameof(objectIndices));
    }

    /// <summary>The sentence, words separated by single spaces, but for Chinese ones, which stand without.</summary>
    public string Text { get; }

    /// <summary>The words, without padding.</summary>
    public ImmutableArray<string> Words { get; }

    /// <summary>The kind of each word.</summary>
    public ImmutableArray<WordKind> Kinds { get; }

    /// <summary>For each word the index of the object it names in its scene, or -1.</summary>
    public ImmutableArray<int> ObjectIndices { get; }

    /// <summary>The same with colours and shapes named by their <see cref="Synonyms"/>.</summary>
    public Instruction InOtherWords() => new(string.Join(' ', Words.Select(Synonyms.Of)), ObjectIndices);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string Join(ImmutableArray<string> words)
    {
        var text = new StringBuilder(words[0]);
        for (var i = 1; i < words.Length; i++)
        {
            if (!Vocabulary.IsChinese(words[i - 1][^1]) || !Vocabulary.IsChinese(words[i][0])) text.Append(' ');
            text.Append(words[i]);
        }

        return text.ToString();
    }
}
