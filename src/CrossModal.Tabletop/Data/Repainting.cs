using System.Collections.Immutable;
using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Data;

/// <summary>Paints objects of training scenes in colours without a name: shapes come in many colours then, and no pair is worth knowing by
/// heart.</summary>
internal static class Repainting
{
    /// <summary>An episode with each object repainted by chance; its own goal can still be said.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="random">The random source.</param>
    /// <param name="share">Share of objects repainted, where not all are.</param>
    /// <param name="lessons">Share of episodes that become a lesson in shapes: every object in a colour without a name, no shape
    /// twice.</param>
    public static EpisodeSetup Paint(EpisodeSetup episode, RandomSource random, float share, float lessons)
    {
        var start = episode.Start;
        if (lessons > 0 && random.NextBool(lessons) && episode.Goal.Relation == Relation.None)
            return episode with { Start = new Scene(Lesson(start.Objects, random), start.Gripper) };
        if (share == 0) return episode;
        var objects = start.Objects;
        for (var i = 0; i < objects.Length; i++)
        {
            if (objects[i].IsPlate || !random.NextBool(share)) continue;
            var painted = objects.SetItem(i, Unnamed(objects[i], objects[i].Kind.Shape, random));
            if (PartialNames.CanSay(new Scene(painted, start.Gripper), episode.Goal)) objects = painted;
        }

        return episode with { Start = new Scene(objects, start.Gripper) };
    }

    private static ImmutableArray<TabletopObject> Lesson(ImmutableArray<TabletopObject> objects, RandomSource random)
    {
        Span<ObjectShape> shapes = stackalloc ObjectShape[ObjectKind.GraspableShapeCount];
        for (var i = 0; i < shapes.Length; i++) shapes[i] = (ObjectShape)i;
        random.Shuffle(shapes);
        var lesson = objects.ToBuilder();
        for (int i = 0, next = 0; i < objects.Length; i++)
            if (!objects[i].IsPlate) lesson[i] = Unnamed(objects[i], shapes[next++ % shapes.Length], random);
        return lesson.MoveToImmutable();
    }

    private static TabletopObject Unnamed(TabletopObject thing, ObjectShape shape, RandomSource random) =>
        thing with { Kind = new ObjectKind(ObjectColor.Unnamed, shape), Tint = UnnamedColors.Draw(random) };
}
