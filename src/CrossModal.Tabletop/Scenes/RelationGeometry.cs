namespace CrossModal.Tabletop.Scenes;

/// <summary>
/// When a relation holds. Around an object there are four quarters, bounded by the diagonals; what lies in the left quarter
/// is left of it, and so on. A half plane would make "the one left of" always the leftmost one, which needs no reference.
/// </summary>
internal static class RelationGeometry
{
    private const float ClearSlope = 0.7f;
    private const float DoubtfulSlope = 1.25f;

    /// <summary>Whether anybody would say that the object is there: well inside the quarter (at most 35° off its axis).</summary>
    public static bool ClearlyHolds(Relation relation, Point thing, Point reference)
    {
        var (along, across) = Split(relation, thing, reference);
        return along > 0 && across <= ClearSlope * along;
    }

    /// <summary>Whether somebody might say so: inside the quarter or just over its diagonals (at most 51° off its axis).</summary>
    public static bool MightHold(Relation relation, Point thing, Point reference)
    {
        var (along, across) = Split(relation, thing, reference);
        return along > 0 && across < DoubtfulSlope * along;
    }

    /// <summary>How far the object lies in the relation's direction from the reference, metres; negative on the other side.</summary>
    public static float Along(Relation relation, Point thing, Point reference) => Split(relation, thing, reference).Along;

    private static (float Along, float Across) Split(Relation relation, Point thing, Point reference)
    {
        float dx = thing.X - reference.X, dy = thing.Y - reference.Y;
        return relation switch
        {
            Relation.LeftOf => (-dx, MathF.Abs(dy)),
            Relation.RightOf => (dx, MathF.Abs(dy)),
            Relation.Behind => (dy, MathF.Abs(dx)),
            Relation.InFrontOf => (-dy, MathF.Abs(dx)),
            _ => throw new ArgumentException($"RelationGeometry: '{relation}' has no direction.", nameof(relation)),
        };
    }
}
