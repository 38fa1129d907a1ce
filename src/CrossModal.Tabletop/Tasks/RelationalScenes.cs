using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>
/// Draws scenes in which the picture does not determine which of three candidates of one shape is meant: every layout has a goal for
/// each of them, and which one is asked for is settled by lot before anything stands, so no layout is refused because of it.
/// Two candidates are named by the same relation, one to the reference and one to a decoy that shares the reference's colour or
/// shape, so the answer changes with the reference; the third is named by another relation to one of the two. (Three by two
/// pairs of this kind do not fit around two references.) Half a sentence is not enough either: of the three goals one or two
/// mean the candidate farthest in their direction, and one or two the candidate nearest to their reference. (Were the reference
/// always between twins, "leftmost" would do.)
/// </summary>
internal static class RelationalScenes
{
    private const int Candidates = 3;
    private const int MaxLayouts = 100_000;

    // Most layouts have two and two; the others are rare, and these shares are what drawing them often enough costs.
    private const float FewExtremeShare = 0.18f;
    private const float FewNearestShare = 0.24f;

    private static readonly Relation[] Relations = [Relation.LeftOf, Relation.RightOf, Relation.Behind, Relation.InFrontOf];

    // The order of the kinds while a scene is drawn; it is shuffled afterwards.
    private const int ReferenceAt = 0;
    private const int DecoyAt = 1;
    private const int ThirdAt = 2;
    private const int FirstAt = 3;
    private const int RivalAt = 4;

    /// <summary>Draws a scene; one with two objects (a candidate and its reference) when that is all the options allow.</summary>
    public static (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options, string task)
    {
        var target = split.DrawTarget(random, task);
        var count = options.DrawCount(random);
        return count <= 2 ? DrawPair(random, split, target) : DrawFull(random, split, task, target, count);
    }

    private static (Scene Scene, Goal Goal) DrawPair(RandomSource random, Split split, ObjectKind target)
    {
        ObjectKind[] kinds = [SceneSampler.Draw(random, split.Companions, kind => kind.Shape != target.Shape), target];
        var relation = DrawRelation(random, split.TargetInHeldOutRegion);
        var scene = split.Place(random, kinds, 1, (placed, position) =>
            placed.Length == 0 || RelationGeometry.ClearlyHolds(relation, position, placed[ReferenceAt].Position));
        return Shuffled(random, scene, new Goal(1, ReferenceAt, relation));
    }

    private static (Scene Scene, Goal Goal) DrawFull(RandomSource random, Split split, string task, ObjectKind target, int count)
    {
        var targetAt = ThirdAt + random.NextInt(Candidates);
        var kinds = DrawKinds(random, split, task, target, targetAt, count);
        var relation = DrawRelation(random, split.TargetInHeldOutRegion && targetAt != ThirdAt);
        var balance = DrawBalance(random);
        for (var attempt = 0; attempt < MaxLayouts; attempt++)
        {
            var scene = split.Place(random, kinds, targetAt, (placed, position) => MayStand(placed, position, relation));
            Goal first = new(FirstAt, ReferenceAt, relation), rival = new(RivalAt, DecoyAt, relation);
            var thirds = ThirdGoals(scene).Where(third => Count(scene, first, rival, third) == balance).ToArray();
            if (thirds.Length > 0)
                return Shuffled(random, scene, targetAt switch
                {
                    FirstAt => first,
                    RivalAt => rival,
                    _ =>
                    thirds[random.NextInt(thirds.Length)]
                });
        }

        throw new InvalidOperationException(
            $"RelationalScenes: no layout lets each {target.Shape} beside a {kinds[ReferenceAt]} and a {kinds[DecoyAt]} be meant after {MaxLayouts} attempts.");
    }

    // From the corner at the back on the right nothing that stands outside of it is clearly to the right or behind.
    private static Relation DrawRelation(RandomSource random, bool ofCorner) =>
        ofCorner ? random.NextBool(0.5f) ? Relation.RightOf : Relation.Behind : (Relation)(1 + random.NextInt(4));

    private static List<ObjectKind> DrawKinds(RandomSource random, Split split, string task, ObjectKind target, int targetAt, int count)
    {
        var reference = SceneSampler.Draw(random, split.Companions, kind => kind.Shape != target.Shape);
        var decoy = SceneSampler.Draw(random, split.Companions, kind =>
            kind.Shape != target.Shape && kind != reference && (kind.Shape == reference.Shape || kind.Color == reference.Color));
        List<ObjectKind> kinds = [reference, decoy];
        // Only what the task asks for in training may be a candidate: of any other kind one would know that it is not meant.
        var asked = Split.Training.TargetsOf(task);
        for (var at = ThirdAt; at <= RivalAt; at++)
            kinds.Add(at == targetAt ? target : SceneSampler.Draw(random, asked, kind =>
                kind.Shape == target.Shape && kind != target && !kinds.Contains(kind)));
        // A crowd adds things of other shapes, which cannot be meant: no other shape is there three times.
        while (kinds.Count < count)
            kinds.Add(SceneSampler.Draw(random, split.Companions, kind =>
                !kinds.Contains(kind) && kinds.Count(other => other.Shape == kind.Shape) < Candidates - 1));
        return kinds;
    }

    /// <summary>The first candidate relates to the reference only, its rival to the decoy only, the third to neither but
    /// otherwise.</summary>
    private static bool MayStand(ReadOnlySpan<TabletopObject> placed, Point position, Relation relation)
    {
        if (placed.Length is < ThirdAt or > RivalAt)
            return true;
        Point reference = placed[ReferenceAt].Position, decoy = placed[DecoyAt].Position;
        bool ofReference = RelationGeometry.MightHold(relation, position, reference),
            ofDecoy = RelationGeometry.MightHold(relation, position, decoy);
        if (placed.Length == ThirdAt)
        {
            return !ofReference && !ofDecoy && Relations.Any(other => RelationGeometry.ClearlyHolds(other, position, reference)
                || RelationGeometry.ClearlyHolds(other, position, decoy));
        }

        var (origin, meant, other) = placed.Length == FirstAt ? (reference, ofReference, ofDecoy) : (decoy, ofDecoy, ofReference);
        return meant && !other && RelationGeometry.ClearlyHolds(relation, position, origin);
    }

    /// <summary>The goals that ask for the third candidate by one of the two references.</summary>
    private static IEnumerable<Goal> ThirdGoals(Scene scene) =>
        from reference in (int[])[ReferenceAt, DecoyAt]
        from relation in Relations
        where Reference.Resolve(scene, scene.Objects[ThirdAt].Kind.Shape, relation, reference) == ThirdAt
        select new Goal(ThirdAt, reference, relation);

    /// <summary>Of how many of the three goals each way of hearing half a relation shall be right.</summary>
    private static (int Extreme, int Nearest) DrawBalance(RandomSource random)
    {
        var share = random.NextSingle();
        return share < FewExtremeShare ? (1, 2) : share < FewExtremeShare + FewNearestShare ? (2, 1) : (2, 2);
    }

    /// <summary>Of how many goals the target is the candidate farthest in the relation's direction, and of how many the one nearest to the
    /// reference.</summary>
    private static (int Extreme, int Nearest) Count(Scene scene, params ReadOnlySpan<Goal> goals)
    {
        int extreme = 0, nearest = 0;
        foreach (var goal in goals)
        {
            Point origin = scene.Objects[goal.Reference].Position, target = scene.Objects[goal.Target].Position;
            bool isExtreme = true, isNearest = true;
            for (var i = ThirdAt; i <= RivalAt; i++)
            {
                if (i == goal.Target)
                    continue;
                var other = scene.Objects[i].Position;
                isExtreme &= RelationGeometry.Along(goal.Relation, other, origin) < RelationGeometry.Along(goal.Relation, target, origin);
                isNearest &= other.HorizontalDistanceTo(origin) > target.HorizontalDistanceTo(origin);
            }

            extreme += isExtreme ? 1 : 0;
            nearest += isNearest ? 1 : 0;
        }

        return (extreme, nearest);
    }

    private static (Scene Scene, Goal Goal) Shuffled(RandomSource random, Scene scene, Goal goal)
    {
        var order = new int[scene.Objects.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        random.Shuffle<int>(order);
        var shuffled = new Scene([.. order.Select(i => scene.Objects[i])], scene.Gripper);
        return (shuffled, goal with { Target = Array.IndexOf(order, goal.Target), Reference = Array.IndexOf(order, goal.Reference) });
    }
}
