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
    public override IReadOnlyList<Template> Templates => Grammar.Pick;

    /// <inheritdoc/>
    public override IReadOnlyList<Template> UnseenTemplates => Grammar.UnseenPick;

    /// <inheritdoc/>
    public override TaskSentences Chinese => ChineseGrammar.Pick;

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
