using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Language;

/// <summary>
/// A sentence with holes: {target} and {reference} become colour and shape of an object, {target shape} and {target color} one of
/// them alone, as do {reference shape} and {reference color}; {relation} becomes the words of a relation, {direction} that of a direction.
/// In Chinese {target 的} and {reference 的} put 的 between colour and shape.
/// </summary>
/// <param name="Pattern">The sentence; holes in braces.</param>
/// <param name="Language">English or Chinese: what the holes are filled in.</param>
public sealed record Template(string Pattern, InstructionLanguage Language = InstructionLanguage.English)
{
    /// <summary>Fills the holes with words that name objects of a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="target">Index of the target.</param>
    /// <param name="reference">Index of the plate or reference, or -1 when the pattern has no such hole.</param>
    /// <param name="relation">The relation, when the pattern has that hole.</param>
    /// <param name="direction">The direction, when the pattern has that hole.</param>
    /// <exception cref="ArgumentException">The pattern has a hole that is not known or was given nothing to fill it.</exception>
    public Instruction Fill(Scene scene, int target, int reference = -1, Relation relation = Relation.None,
        Direction direction = Direction.None)
    {
        ArgumentNullException.ThrowIfNull(scene);
        List<string> words = [];
        List<int> indices = [];
        foreach (var (part, isHole) in Parts())
        {
            var (text, index) = (part, isHole) switch
            {
                (_, false) => (part, -1),
                ("target", _) => (Full(scene.Objects[target].Kind), target),
                ("target 的", _) => (Full(scene.Objects[target].Kind, SceneWords.Of), target),
                ("target shape", _) => (SceneWords.Name(scene.Objects[target].Kind.Shape, Language), target),
                ("target color", _) => (SceneWords.Name(scene.Objects[target].Kind.Color, Language), target),
                ("reference shape", _) when reference >= 0 => (SceneWords.Name(scene.Objects[reference].Kind.Shape, Language), reference),
                ("reference color", _) when reference >= 0 => (SceneWords.Name(scene.Objects[reference].Kind.Color, Language), reference),
                ("reference", _) when reference >= 0 => (Full(scene.Objects[reference].Kind), reference),
                ("reference 的", _) when reference >= 0 => (Full(scene.Objects[reference].Kind, SceneWords.Of), reference),
                ("relation", _) when relation != Relation.None => (SceneWords.Name(relation, Language), -1),
                ("direction", _) when direction != Direction.None => (SceneWords.Name(direction, Language), -1),
                _ => throw new ArgumentException($"Template '{Pattern}': nothing fills '{{{part}}}'."),
            };
            foreach (var word in Vocabulary.Split(text))
            {
                words.Add(word);
                indices.Add(word == SceneWords.Of ? -1 : index);
            }
        }

        return new Instruction(string.Join(' ', words), [.. indices]);
    }

    /// <summary>Colour and shape, in Chinese with what stands between them.</summary>
    private string Full(ObjectKind kind, string between = "") =>
        Language == InstructionLanguage.Chinese
            ? $"{SceneWords.Name(kind.Color, Language)}{between}{SceneWords.Name(kind.Shape, Language)}" : kind.ToString();

    private IEnumerable<(string Part, bool IsHole)> Parts()
    {
        var rest = Pattern;
        while (rest.Length > 0)
        {
            var open = rest.IndexOf('{', StringComparison.Ordinal);
            var close = rest.IndexOf('}', StringComparison.Ordinal);
            if (open < 0 || close < open)
            {
                yield return (rest, false);
                yield break;
            }

            yield return (rest[..open], false);
            yield return (rest[(open + 1)..close], true);
            rest = rest[(close + 1)..];
        }
    }
}
