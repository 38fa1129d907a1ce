using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Tasks;

/// <summary>Whether words find exactly one object.</summary>
internal static class Reference
{
    /// <summary>Whether no other object has the same colour and shape.</summary>
    public static bool IsUnique(Scene scene, int index)
    {
        for (var i = 0; i < scene.Objects.Length; i++)
        {
            if (i != index && scene.Objects[i].Kind == scene.Objects[index].Kind)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The object of a shape that clearly stands in a relation to a reference; -1 when there is none, or when another one of
    /// that shape might be meant.
    /// </summary>
    public static int Resolve(Scene scene, ObjectShape shape, Relation relation, int reference)
    {
        var found = -1;
        for (var i = 0; i < scene.Objects.Length; i++)
        {
            if (i == reference || scene.Objects[i].Kind.Shape != shape)
                continue;
            Point thing = scene.Objects[i].Position, origin = scene.Objects[reference].Position;
            if (!RelationGeometry.MightHold(relation, thing, origin))
                continue;
            if (found >= 0 || !RelationGeometry.ClearlyHolds(relation, thing, origin))
                return -1;
            found = i;
        }

        return found;
    }
}
