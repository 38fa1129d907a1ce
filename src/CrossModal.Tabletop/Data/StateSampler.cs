using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Data;

/// <summary>Puts the hand of a scene somewhere along (or off) the way of an episode, and lets contacts settle.</summary>
internal static class StateSampler
{
    private const float NearReach = 0.013f;
    private const float AroundDeviation = 0.02f;
    private const float ShutShare = 0.1f;

    /// <summary>A state of the given kind.</summary>
    /// <param name="random">The random source.</param>
    /// <param name="episode">Scene and goal.</param>
    /// <param name="kind">What kind of state.</param>
    /// <returns>The state, or null when the scene has no object to hold wrongly.</returns>
    public static Scene? Draw(RandomSource random, EpisodeSetup episode, StateKind kind)
    {
        if (episode.Goal.Direction != Direction.None && kind is (StateKind.Near or StateKind.Around or StateKind.Pushing))
            return PushStates.Draw(random, episode, kind);
        var scene = episode.Start;
        switch (kind)
        {
            case StateKind.Near:
                {
                    var focus = Focus(random, episode).Position;
                    return Settle(scene, Empty(random, new Point(
                        focus.X + random.NextSingle(-NearReach, NearReach), focus.Y + random.NextSingle(-NearReach, NearReach),
                            random.NextSingle(0.01f, 0.045f))));
                }

            case StateKind.Around:
                {
                    var focus = Focus(random, episode).Position;
                    return Settle(scene, Empty(random, new Point(
                        focus.X + (AroundDeviation * random.NextIrwinHall()), focus.Y + (AroundDeviation * random.NextIrwinHall()),
                            random.NextSingle(0.01f, 0.15f))));
                }

            case StateKind.Anywhere:
                return Settle(scene, Empty(random, new Point(
                    random.NextSingle(-Board.ToolReach, Board.ToolReach), random.NextSingle(-Board.ToolReach, Board.ToolReach),
                        random.NextSingle(0.01f, 0.18f))));

            case StateKind.HoldingTarget:
                return Hold(random, episode, episode.Goal.Target);

            default:
                var wrong = Graspable(scene).Where(i => i != episode.Goal.Target).ToArray();
                return wrong.Length == 0 ? null : Hold(random, episode, wrong[random.NextInt(wrong.Length)]);
        }
    }

    /// <summary>The scene with its hand high above the board: disturbs nothing.</summary>
    public static Scene High(RandomSource random, Scene scene) => Settle(scene, Empty(random, new Point(
        random.NextSingle(-Board.ToolReach, Board.ToolReach), random.NextSingle(-Board.ToolReach, Board.ToolReach),
            random.NextSingle(0.08f, 0.18f))));

    // Half of the states are about the target, the others about anything that can be grasped.
    private static TabletopObject Focus(RandomSource random, EpisodeSetup episode)
    {
        var candidates = Graspable(episode.Start).ToArray();
        var index = random.NextBool(0.5f) ? episode.Goal.Target : candidates[random.NextInt(candidates.Length)];
        return episode.Start.Objects[index];
    }

    /// <summary>The objects that a hand can hold.</summary>
    public static IEnumerable<int> Graspable(Scene scene) =>
        Enumerable.Range(0, scene.Objects.Length).Where(i => !scene.Objects[i].IsPlate);

    private static Gripper Empty(RandomSource random, Point tool)
    {
        var open = Gripper.OpenAt(Reachable(tool));
        return random.NextBool(ShutShare) ? open with { Opening = 0 } : open;
    }

    private static Scene Hold(RandomSource random, EpisodeSetup episode, int held)
    {
        var scene = episode.Start;
        var limit = Board.HalfSide - scene.Objects[held].Radius;
        var drawn = HeldPosition(random, episode, held);
        var place = new Point(Math.Clamp(drawn.X, -limit, limit), Math.Clamp(drawn.Y, -limit, limit), drawn.Z);
        var tool = Reachable(new Point(
            place.X + random.NextSingle(-0.008f, 0.008f), place.Y + random.NextSingle(-0.008f, 0.008f),
                place.Z + random.NextSingle(0.01f, 0.035f)));
        var objects = scene.Objects.SetItem(held, scene.Objects[held] with { Position = place });
        return Settle(new Scene(objects, scene.Gripper), new Gripper(tool, 2 * scene.Objects[held].Radius, held));
    }

    private static Point HeldPosition(RandomSource random, EpisodeSetup episode, int held)
    {
        var own = episode.Start.Objects[held].Position;
        var goal = episode.Goal.Reference;
        var part = random.NextSingle();
        if (goal < 0 || !episode.Start.Objects[goal].IsPlate || part < 0.2f)
            return own with { Z = random.NextSingle(0, 0.10f) };
        var plate = episode.Start.Objects[goal];
        const float reach = 0.15f;
        if (part < 0.4f)
            return new Point(random.NextSingle(-reach, reach), random.NextSingle(-reach, reach), random.NextSingle(0.065f, 0.11f));
        if (part < 0.7f)
        {
            return new Point(
                plate.Position.X + (AroundDeviation * random.NextIrwinHall()),
                    plate.Position.Y + (AroundDeviation * random.NextIrwinHall()),
                random.NextSingle(plate.Top, plate.Top + 0.10f));
        }

        // Low over the middle: where it is let go.
        return new Point(
            plate.Position.X + random.NextSingle(-NearReach, NearReach), plate.Position.Y + random.NextSingle(-NearReach, NearReach),
            random.NextSingle(plate.Top, plate.Top + 0.04f));
    }

    /// <summary>The nearest point that the tool can reach.</summary>
    public static Point Reachable(Point tool) => new(
        Math.Clamp(tool.X, -Board.ToolReach, Board.ToolReach), Math.Clamp(tool.Y, -Board.ToolReach, Board.ToolReach),
        Math.Clamp(tool.Z, Board.ToolFloor, Board.ToolCeiling));

    /// <summary>The scene once contacts have settled around a hand.</summary>
    public static Scene Settle(Scene scene, Gripper gripper) => new Simulator(scene.With(gripper)).Scene;
}
