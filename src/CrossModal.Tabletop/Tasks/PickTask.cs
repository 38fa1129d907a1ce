using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>*Pick* X: lift the object of that colour and shape by 5 cm and keep it there for 5 steps.</summary>
internal sealed class PickTask : RobotTask
{
    /// <summary>Height of the base above the board that counts as lifted, metres.</summary>
    public const float LiftedAbove = 0.05f;

    /// <inheritdoc/>
    public override string Name => "pick";

    /// <inheritdoc/>
    public override int MaxSteps => 40;

    /// <inheritdoc/>
    public override int HoldSteps => 5;

    /// <inheritdoc/>
    public override TaskSentences English { get; } = new(InstructionLanguage.English,
        ["pick up the {target}", "grab the {target}", "lift the {target}", "take the {target}", "pick the {target} up",
            "lift up the {target}"],
        ["lift the {target} up", "take the {target} up", "take up the {target}"]);

    /// <inheritdoc/>
    public override TaskSentences Chinese { get; } = new(InstructionLanguage.Chinese,
        ["拿起{target}", "拿起{target 的}", "抓起{target 的}", "举起{target}", "把{target 的}拿起来", "请拿起{target 的}"],
        ["把{target}抓起来", "把{target 的}举起来", "请举起{target}"]);

    /// <inheritdoc/>
    public override IReadOnlyList<Goal> Goals(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return [.. Enumerable.Range(0, scene.Objects.Length).Where(i => !scene.Objects[i].IsPlate && Reference.IsUnique(scene, i))
            .Select(i => new Goal(i))];
    }

    /// <inheritdoc/>
    public override bool IsReached(Scene start, Scene scene, Goal goal)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return scene.Gripper.Held == goal.Target && scene.Objects[goal.Target].Position.Z >= LiftedAbove;
    }

    /// <inheritdoc/>
    public override ExpertLabel Label(Scene scene, Goal goal) => GraspExpert.Act(scene, goal.Target);

    /// <inheritdoc/>
    public override float Distance(Scene start, Scene scene, Goal goal)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return scene.Gripper.Tool.HorizontalDistanceTo(scene.Objects[goal.Target].Position);
    }

    /// <inheritdoc/>
    protected override (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options)
    {
        var target = split.DrawTarget(random, Name);
        var kinds = SceneSampler.Compose(random, target, options.DrawCount(random), split.Companions).ToArray();
        random.Shuffle<ObjectKind>(kinds);
        var index = Array.IndexOf(kinds, target);
        return (split.Place(random, kinds, index), new Goal(index));
    }
}
