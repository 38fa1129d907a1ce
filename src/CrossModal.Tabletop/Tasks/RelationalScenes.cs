using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>
/// Draws scenes in which only the whole sentence finds the target: three candidates of one shape, the reference, and a decoy
/// that shares the reference's colour or shape and would lead elsewhere. Layouts are balanced against shortcuts: in most of
/// them the target is not the candidate farthest in the relation's direction, and in most it is not the one nearest to the
/// reference. (Were the reference always between twins, "leftmost" would do.)
/// </summary>
internal static class RelationalScenes
{
    // With three candidates, chance is a third; a shortcut that is right this often is no better than that.
    private const float ShortcutShare = 0.35f;
    private const int MaxLayouts = 20_000;

    /// <summary>Draws a scene; one with two objects (a candidate and its reference) when that is all the options allow.</summary>
    public static (Scene Scene, Goal Goal) Draw(SceneRandom random, Split split, SceneOptions options)
    {
        var target = split.Targets[random.NextInt(split.Targets.Count)];
        var candidates = options.DrawCount(random) <= 2 ? 1 : 3;
        var kinds = DrawKinds(random, split.Companions, target, candidates);
        var reference = candidates;
        var relation = (Relation)(1 + random.NextInt(4));
        var extreme = random.NextBool(ShortcutShare);
        var nearest = random.NextBool(ShortcutShare);
        for (var attempt = 0; attempt < MaxLayouts; attempt++)
        {
            var scene = SceneSampler.Place(random, kinds);
            if (Reference.Resolve(scene, target.Shape, relation, reference) != 0)
                continue;
            if (candidates > 1 && !IsBalanced(scene, relation, reference, extreme, nearest))
                continue;
            return Shuffled(random, scene, new Goal(0, reference, relation));
        }

        throw new InvalidOperationException($"RelationalScenes: no layout puts a {target} {relation} a {kinds[reference]} after {MaxLayouts} attempts.");
    }

    // Order: the target, the other candidates, the reference, its decoy.
    private static List<ObjectKind> DrawKinds(SceneRandom random, IReadOnlyList<ObjectKind> companions, ObjectKind target, int candidates)
    {
        List<ObjectKind> kinds = [target];
        while (kinds.Count < candidates)
            kinds.Add(SceneSampler.Draw(random, companions, kind => kind.Shape == target.Shape && !kinds.Contains(kind)));
        var reference = SceneSampler.Draw(random, companions, kind => kind.Shape != target.Shape);
        kinds.Add(reference);
        if (candidates > 1)
        {
            kinds.Add(SceneSampler.Draw(random, companions, kind =>
                kind.Shape != target.Shape && kind != reference && (kind.Shape == reference.Shape || kind.Color == reference.Color)));
        }

        return kinds;
    }

    private static bool IsBalanced(Scene scene, Relation relation, int reference, bool extreme, bool nearest)
    {
        Point origin = scene.Objects[reference].Position, target = scene.Objects[0].Position;
        bool isExtreme = true, isNearest = true;
        for (var i = 1; i < reference; i++)
        {
            var other = scene.Objects[i].Position;
            isExtreme &= RelationGeometry.Along(relation, other, origin) < RelationGeometry.Along(relation, target, origin);
            isNearest &= other.HorizontalDistanceTo(origin) > target.HorizontalDistanceTo(origin);
        }

        return isExtreme == extreme && isNearest == nearest
            && !RelationGeometry.MightHold(relation, target, scene.Objects[reference + 1].Position);
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
