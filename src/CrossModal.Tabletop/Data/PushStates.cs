using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Data;

/// <summary>
/// States on the way of pushing: the hand behind an object, mostly with its fingers shut. In half of them the object has
/// already gone a part of its way, so that pushing near an edge is learned too.
/// </summary>
internal static class PushStates
{
    private const float OpenShare = 0.15f;
    private const float MovedShare = 0.5f;
    private const float MostMoved = 0.09f;
    private const float ChannelDeviation = 0.006f;
    private const float Beside = 0.02f;
    private const float Behind = 0.02f;
    private const float Ahead = 0.036f;
    private const float AroundDeviation = 0.02f;

    /// <summary>A state of one of the kinds <see cref="StateKind.Pushing"/>, <see cref="StateKind.Near"/> and
    /// <see cref="StateKind.Around"/>.</summary>
    public static Scene Draw(RandomSource random, EpisodeSetup episode, StateKind kind)
    {
        var (index, direction) = Focus(random, episode, own: kind == StateKind.Pushing);
        var scene = random.NextBool(MovedShare) ? Moved(random, episode.Start, index, direction) : episode.Start;
        var goal = PushExpert.Behind(scene.Objects[index], direction);
        var tool = kind switch
        {
            StateKind.Pushing => Beyond(goal, direction, random.NextSingle(-Behind, Ahead), ChannelDeviation * random.NextIrwinHall(),
                random.NextSingle(0.01f, 0.035f)),
            StateKind.Near => Beyond(goal, direction, random.NextSingle(-Behind, Ahead), random.NextSingle(-Beside, Beside),
                random.NextSingle(0.01f, 0.05f)),
            _ => Beyond(goal, direction, AroundDeviation * random.NextIrwinHall(), AroundDeviation * random.NextIrwinHall(),
                random.NextSingle(0.01f, 0.15f)),
        };
        var hand = Gripper.OpenAt(StateSampler.Reachable(tool));
        if (kind == StateKind.Pushing || !random.NextBool(OpenShare))
            hand = hand with { Opening = 0 };
        return StateSampler.Settle(scene, hand);
    }

    // As with other tasks, half of the states that are not in the middle of it are about anything that could be pushed.
    private static (int Index, Direction Direction) Focus(RandomSource random, EpisodeSetup episode, bool own)
    {
        if (own || random.NextBool(0.5f))
            return (episode.Goal.Target, episode.Goal.Direction);
        var candidates = StateSampler.Graspable(episode.Start).ToArray();
        return (candidates[random.NextInt(candidates.Length)], (Direction)(1 + random.NextInt(4)));
    }

    private static Scene Moved(RandomSource random, Scene scene, int index, Direction direction)
    {
        var thing = scene.Objects[index];
        var limit = Board.HalfSide - thing.Radius;
        var place = direction.Shift(thing.Position, random.NextSingle(0, MostMoved));
        place = place with { X = Math.Clamp(place.X, -limit, limit), Y = Math.Clamp(place.Y, -limit, limit) };
        return new Scene(scene.Objects.SetItem(index, thing with { Position = place }), scene.Gripper);
    }

    private static Point Beyond(Point goal, Direction direction, float along, float beside, float height)
    {
        var (x, y) = direction.Step();
        return new Point(goal.X + (x * along) - (y * beside), goal.Y + (y * along) + (x * beside), height);
    }
}
