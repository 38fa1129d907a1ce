using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>
/// Draws scenes in which only the whole sentence finds the target: three candidates of one shape; the reference; and a decoy
/// that shares the reference's colour or shape and for which the same relation names another candidate, so the answer changes
/// with the reference. Layouts are balanced against shortcuts: in most of them the target is neither the candidate farthest
/// in the relation's direction nor the one nearest to the reference. (Were the reference always between twins, "leftmost"
/// would do.)
/// </summary>
internal static class RelationalScenes
{
    // With three candidates, chance is a third; a shortcut that is right this often is no better than that.
    private const float ShortcutShare = 0.35f;
    private const int MaxLayouts = 5000;

    // The order of the kinds while a scene is drawn; it is shuffled afterwards.
    private const int ReferenceAt = 0;
    private const int DecoyAt = 1;
    private const int TargetAt = 2;
    private const int RivalAt = 3;
    private const int BystanderAt = 4;

    /// <summary>Draws a scene; one with two objects (a candidate and its reference) when that is all the options allow.</summary>
    public static (Scene Scene, Goal Goal) Draw(SceneRandom random, Split split, SceneOptions options, ObjectKind target)
    {
        // From the corner at the back on the right nothing that stands outside of it is clearly to the right or behind.
        var relation = split.TargetInHeldOutRegion ? random.NextBool(0.5f) ? Relation.RightOf : Relation.Behind : (Relation)(1 + random.NextInt(4));
        var count = options.DrawCount(random);
        return count <= 2 ? DrawPair(random, split, target, relation) : DrawFull(random, split, target, relation, count);
    }

    private static (Scene Scene, Goal Goal) DrawPair(SceneRandom random, Split split, ObjectKind target, Relation relation)
    {
        ObjectKind[] kinds = [SceneSampler.Draw(random, split.Companions, kind => kind.Shape != target.Shape), target];
        var scene = split.Place(random, kinds, 1, (placed, position) =>
            placed.Length == 0 || RelationGeometry.ClearlyHolds(relation, position, placed[ReferenceAt].Position));
        return Shuffled(random, scene, new Goal(1, ReferenceAt, relation));
    }

    private static (Scene Scene, Goal Goal) DrawFull(SceneRandom random, Split split, ObjectKind target, Relation relation, int count)
    {
        var kinds = DrawKinds(random, split.Companions, target, count);
        var extreme = random.NextBool(ShortcutShare);
        var nearest = random.NextBool(ShortcutShare);
        for (var attempt = 0; attempt < MaxLayouts; attempt++)
        {
            var scene = split.Place(random, kinds, TargetAt, (placed, position) => MayStand(placed, position, relation));
            if (IsBalanced(scene, relation, extreme, nearest))
                return Shuffled(random, scene, new Goal(TargetAt, ReferenceAt, relation));
        }

        throw new InvalidOperationException($"RelationalScenes: no layout puts a {target} {relation} a {kinds[ReferenceAt]} after {MaxLayouts} attempts.");
    }

    private static List<ObjectKind> DrawKinds(SceneRandom random, IReadOnlyList<ObjectKind> companions, ObjectKind target, int count)
    {
        var reference = SceneSampler.Draw(random, companions, kind => kind.Shape != target.Shape);
        var decoy = SceneSampler.Draw(random, companions, kind =>
            kind.Shape != target.Shape && kind != reference && (kind.Shape == reference.Shape || kind.Color == reference.Color));
        var rival = SceneSampler.Draw(random, companions, kind => kind.Shape == target.Shape && kind != target);
        var bystander = SceneSampler.Draw(random, companions, kind => kind.Shape == target.Shape && kind != target && kind != rival);
        List<ObjectKind> kinds = [reference, decoy, target, rival, bystander];
        // A crowd adds things of other shapes, which cannot be meant.
        while (kinds.Count < count)
            kinds.Add(SceneSampler.Draw(random, companions, kind => kind.Shape != target.Shape && !kinds.Contains(kind)));
        return kinds;
    }

    /// <summary>The target relates to the reference only, its rival to the decoy only, the bystander to neither.</summary>
    private static bool MayStand(ReadOnlySpan<TabletopObject> placed, Point position, Relation relation)
    {
        if (placed.Length < TargetAt)
            return true;
        Point reference = placed[ReferenceAt].Position, decoy = placed[DecoyAt].Position;
        return placed.Length switch
        {
            TargetAt => RelationGeometry.ClearlyHolds(relation, position, reference) && !RelationGeometry.MightHold(relation, position, decoy),
            RivalAt => RelationGeometry.ClearlyHolds(relation, position, decoy) && !RelationGeometry.MightHold(relation, position, reference),
            > BystanderAt => true,
            _ => !RelationGeometry.MightHold(relation, position, reference) && !RelationGeometry.MightHold(relation, position, decoy),
        };
    }

    private static bool IsBalanced(Scene scene, Relation relation, bool extreme, bool nearest)
    {
        Point origin = scene.Objects[ReferenceAt].Position, target = scene.Objects[TargetAt].Position;
        bool isExtreme = true, isNearest = true;
        for (var i = RivalAt; i <= BystanderAt; i++)
        {
            var other = scene.Objects[i].Position;
            isExtreme &= RelationGeometry.Along(relation, other, origin) < RelationGeometry.Along(relation, target, origin);
            isNearest &= other.HorizontalDistanceTo(origin) > target.HorizontalDistanceTo(origin);
        }

        return isExtreme == extreme && isNearest == nearest;
    }

    private static (Scene Scene, Goal Goal) Shuffled(SceneRandom random, Scene scene, Goal goal)
    {
        var order = new int[scene.Objects.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        random.Shuffle<int>(order);
        var shuffled = new Scene([.. order.Select(i => scene.Objects[i])], scene.Gripper);
        return (shuffled, goal with { Target = Array.IndexOf(order, goal.Target), Reference = Array.IndexOf(order, goal.Reference) });
    }
}
