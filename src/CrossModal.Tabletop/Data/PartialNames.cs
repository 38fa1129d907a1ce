using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Data;

/// <summary>Sentences in which a thing goes by its colour alone ("the red one", 红色的那个) or its shape alone ("the cup"), where that finds
/// it.</summary>
/// <remarks>Each word then has to carry its own meaning: a pair of words learned as a whole is of no use.</remarks>
internal static class PartialNames
{
    /// <summary>A template whose full names are shortened, each with the given probability and only where no other object would answer to
    /// what is left.</summary>
    public static Template Shorten(Template template, Scene scene, Goal goal, RandomSource random, float share)
    {
        var shorter = Shorten(template, "target", scene, goal.Target, random, share);
        return goal.Reference >= 0 ? Shorten(shorter, "reference", scene, goal.Reference, random, share) : shorter;
    }

    /// <summary>Whether a goal can be said at all: what has no colour's name must be the only one of its shape.</summary>
    public static bool CanSay(Scene scene, Goal goal) =>
        (goal.Relation != Relation.None || HasName(scene, goal.Target)) && (goal.Reference < 0 || HasName(scene, goal.Reference));

    /// <summary>Whether colour and shape, or the shape alone where the colour has no name, find an object.</summary>
    public static bool HasName(Scene scene, int index) =>
        scene.Objects[index].Kind.IsNamed || IsOnly(scene, index, other => other.Shape == scene.Objects[index].Kind.Shape);

    private static Template Shorten(Template template, string name, Scene scene, int index, RandomSource random, float share)
    {
        // In Chinese the full name has two forms.
        var pattern = template.Pattern;
        var hole = pattern.Contains($"{{{name} {SceneWords.Of}}}", StringComparison.Ordinal) ? $"{{{name} {SceneWords.Of}}}"
            : $"{{{name}}}";
        var kind = scene.Objects[index].Kind;
        if (!pattern.Contains(hole, StringComparison.Ordinal) || kind.IsNamed && !random.NextBool(share)) return template;
        var byColor = kind.IsNamed && IsOnly(scene, index, other => other.Color == kind.Color);
        var byShape = IsOnly(scene, index, other => other.Shape == kind.Shape);
        if (byColor && byShape) byColor = random.NextBool(0.5f);
        var one = template.Language == InstructionLanguage.Chinese ? $"{SceneWords.Of}那个" : " one";
        return byColor ? template with { Pattern = pattern.Replace(hole, $"{{{name} color}}{one}", StringComparison.Ordinal) }
            : byShape ? template with { Pattern = pattern.Replace(hole, $"{{{name} shape}}", StringComparison.Ordinal) }
            : template;
    }

    private static bool IsOnly(Scene scene, int index, Func<ObjectKind, bool> answers)
    {
        for (var i = 0; i < scene.Objects.Length; i++)
            if (i != index && answers(scene.Objects[i].Kind)) return false;
        return true;
    }
}
