using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>
/// *Push* X in a direction: it has to end on the board, not held, at least 8 cm from where it stood and within 30° of the direction.
/// A goal is asked only where the hand has room behind the object and the object has room ahead.
/// </summary>
internal sealed class PushTask : RobotTask
{
    /// <summary>Least distance that counts as pushed, metres.</summary>
    public const float PushedBeyond = 0.08f;

    // Cosine of 30°, squared.
    private const float CosineSquared = 0.75f;
    private const int MaxLayouts = 5000;
    private const float WayAhead = 0.09f;
    private const float ClearAhead = 0.07f;
    private const float ClearBehind = 0.05f;

    /// <inheritdoc/>
    public override string Name => "push";

    /// <inheritdoc/>
    public override int MaxSteps => 40;

    /// <inheritdoc/>
    public override int HoldSteps => 1;

    /// <inheritdoc/>
    public override bool Grasps => false;

    /// <inheritdoc/>
    public override TaskSentences English { get; } = new(InstructionLanguage.English,
        ["push the {target} to the {direction}", "slide the {target} to the {direction}", "shove the {target} to the {direction}",
            "move the {target} to the {direction}"],
        ["to the {direction} push the {target}", "to the {direction} move the {target}", "slide to the {direction} the {target}",
            "shove to the {direction} the {target}"]);

    /// <inheritdoc/>
    public override TaskSentences Chinese { get; } = new(InstructionLanguage.Chinese,
        ["把{target}往{direction}推", "把{target 的}推到{direction}", "向{direction}推{target 的}", "将{target}移到{direction}",
            "请把{target 的}推向{direction}"],
        ["往{direction}推{target}", "将{target 的}推到{direction}", "把{target}向{direction}推", "请将{target}推向{direction}"]);

    /// <inheritdoc/>
    public override IReadOnlyList<Goal> Goals(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        List<Goal> goals = [];
        for (var target = 0; target < scene.Objects.Length; target++)
        {
            if (scene.Objects[target].IsPlate || !Reference.IsUnique(scene, target))
                continue;
            for (var direction = Direction.Left; direction <= Direction.Front; direction++)
            {
                if (HasRoom(scene, target, direction))
                    goals.Add(new Goal(target, Direction: direction));
            }
        }

        return goals;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Goal> Remaining(Scene scene, IReadOnlyList<Goal> goals) => goals;

    /// <inheritdoc/>
    public override bool IsReached(Scene start, Scene scene, Goal goal)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(scene);
        var now = scene.Objects[goal.Target].Position;
        var (along, beside) = goal.Direction.Split(now, start.Objects[goal.Target].Position);
        var squared = (along * along) + (beside * beside);
        return scene.Gripper.Held != goal.Target && now.Z == 0
            && squared >= PushedBeyond * PushedBeyond && along > 0 && along * along >= CosineSquared * squared;
    }

    /// <inheritdoc/>
    public override ExpertLabel Label(Scene scene, Goal goal) => PushExpert.Act(scene, goal.Target, goal.Direction);

    /// <inheritdoc/>
    public override float Distance(Scene start, Scene scene, Goal goal)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(scene);
        var origin = start.Objects[goal.Target].Position;
        return scene.Objects[goal.Target].Position.HorizontalDistanceTo(goal.Direction.Shift(origin, PushedBeyond));
    }

    /// <inheritdoc/>
    protected override (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options)
    {
        var target = split.DrawTarget(random, Name);
        var kinds = SceneSampler.Compose(random, target, options.DrawCount(random), split.Companions).ToArray();
        random.Shuffle<ObjectKind>(kinds);
        var goal = new Goal(Array.IndexOf(kinds, target), Direction: (Direction)(1 + random.NextInt(4)));
        // Whole layouts are drawn until one has room, so that among a layout's possible goals none is likelier than another.
        for (var attempt = 0; attempt < MaxLayouts; attempt++)
        {
            var scene = split.Place(random, kinds, goal.Target);
            if (HasRoom(scene, goal.Target, goal.Direction))
                return (scene, goal);
        }

        throw new InvalidOperationException(
            $"PushTask: no layout of {kinds.Length} objects leaves room to push one after {MaxLayouts} attempts.");
    }

    private static bool HasRoom(Scene scene, int target, Direction direction)
    {
        var thing = scene.Objects[target];
        var (place, _) = direction.Split(thing.Position, default);
        var standoff = PushExpert.Standoff(thing);
        if (place + WayAhead > Board.HalfSide - thing.Radius || place - standoff < -Board.ToolReach)
            return false;
        // What starts outside the corner that training does not know does not have to be pushed into it either.
        if (!HeldOutRegion.Region.Contains(thing.Position) && HeldOutRegion.Region.Contains(direction.Shift(thing.Position, WayAhead)))
            return false;
        for (var i = 0; i < scene.Objects.Length; i++)
        {
            if (i == target)
                continue;
            var (along, beside) = direction.Split(scene.Objects[i].Position, thing.Position);
            if (Clearance(along, beside, 0, WayAhead) < ClearAhead || Clearance(along, beside, -standoff, -thing.Radius) < ClearBehind)
                return false;
        }

        return true;
    }

    /// <summary>Distance of a point from the stretch of the line between two places on it.</summary>
    private static float Clearance(float along, float beside, float from, float to)
    {
        var past = along - Math.Clamp(along, from, to);
        return MathF.Sqrt((past * past) + (beside * beside));
    }
}
