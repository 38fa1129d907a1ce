using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Language;

/// <summary>
/// A sentence with holes: {target} and {reference} become colour and shape of an object, {target shape} and {target color} one of
/// them alone, as do {reference shape} and {reference color}; {relation} becomes the words of a relation, {direction} that of a direction.
/// </summary>
/// <param name="Pattern">The sentence; holes in braces.</param>
public sealed record Template(string Pattern)
{
    /// <summary>Fills the holes with words that name objects of a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="target">Index of the target.</param>
    /// <param name="reference">Index of the plate or reference, or -1 when the pattern has no such hole.</param>
    /// <param name="relation">The relation, when the pattern has that hole.</param>
    /// <param name="direction">The direction, when the pattern has that hole.</param>
    /// <exception cref="ArgumentException">The pattern has a hole that is not known or was given nothing to fill it.</exception>
    public Instruction Fill(Scene scene, int target, int reference = -1, Relation relation = Relation.None, Direction direction = Direction.None)
    {
        ArgumentNullException.ThrowIfNull(scene);
        List<string> words = [];
        List<int> indices = [];
        foreach (var (part, isHole) in Parts())
        {
            var (text, index) = (part, isHole) switch
            {
                (_, false) => (part, -1),
                ("target", _) => (scene.Objects[target].Kind.ToString(), target),
                ("target shape", _) => (Word(scene.Objects[target].Kind.Shape), target),
                ("target color", _) => (Word(scene.Objects[target].Kind.Color), target),
                ("reference shape", _) when reference >= 0 => (Word(scene.Objects[reference].Kind.Shape), reference),
                ("reference color", _) when reference >= 0 => (Word(scene.Objects[reference].Kind.Color), reference),
                ("reference", _) when reference >= 0 => (scene.Objects[reference].Kind.ToString(), reference),
                ("relation", _) when relation != Relation.None => (Words(relation), -1),
                ("direction", _) when direction != Direction.None => (direction.ToString().ToLowerInvariant(), -1),
                _ => throw new ArgumentException($"Template '{Pattern}': nothing fills '{{{part}}}'."),
            };
            foreach (var word in Vocabulary.Split(text))
            {
                words.Add(word);
                indices.Add(index);
            }
        }

        return new Instruction(string.Join(' ', words), [.. indices]);
    }

    private static string Word<T>(T attribute)
        where T : struct, Enum => attribute.ToString().ToLowerInvariant();

    private static string Words(Relation relation) => relation switch
    {
        Relation.LeftOf => "left of",
        Relation.RightOf => "right of",
        Relation.Behind => "behind",
        _ => "in front of",
    };

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
