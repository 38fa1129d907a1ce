using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Tasks;

/// <summary>Reach X: bring the hand over the object of that colour and shape, written as CONTRIBUTING says: one class.</summary>
internal sealed class ReachTask : RobotTask
{
    private const float Near = 0.02f;

    public override string Name => "reach";

    public override int MaxSteps => 40;

    public override int HoldSteps => 3;

    public override TaskSentences English { get; } = new(InstructionLanguage.English, ["take the {target}"], ["grab the {target}"]);

    public override TaskSentences Chinese { get; } = new(InstructionLanguage.Chinese, ["移到{target}上面"], ["移到{target 的}上面"]);

    public override IReadOnlyList<Goal> Goals(Scene scene) => RobotTasks.Find("pick").Goals(scene);

    public override bool IsReached(Scene start, Scene scene, Goal goal) => Distance(start, scene, goal) < Near;

    public override ExpertLabel Label(Scene scene, Goal goal) => RobotTasks.Find("pick").Label(scene, goal);

    public override float Distance(Scene start, Scene scene, Goal goal) =>
        scene.Gripper.Tool.HorizontalDistanceTo(scene.Objects[goal.Target].Position);

    protected override (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options)
    {
        var setup = RobotTasks.Find("pick").Sample((ulong)random.NextInt(1 << 30), split, options);
        return (setup.Start, setup.Goal);
    }
}

/// <summary>What a task of one's own has without a change anywhere else.</summary>
public sealed class TaskRecipeTests
{
    [Fact]
    public void A_task_of_one_class_is_drawn_said_done_by_its_expert_and_judged()
    {
        var task = new ReachTask();
        var episode = task.Sample(7, Split.S0, SceneOptions.Full);
        Assert.StartsWith("take the ", episode.Instruction.Text, StringComparison.Ordinal);
        Assert.StartsWith("移到", task.Sample(7, Split.S0, SceneOptions.Full, InstructionLanguage.Chinese).Instruction.Text,
            StringComparison.Ordinal);
        Assert.StartsWith("grab the ", task.Sample(7, Split.Z2a, SceneOptions.Full).Instruction.Text, StringComparison.Ordinal);
        Assert.Equal(1.0 / task.Goals(episode.Start).Count, task.Chance(episode.Start, episode.Goal));
        var options = new EvaluationOptions { Episodes = 100 };
        Assert.True(EpisodeRunner.Run(new ExpertPolicy(task), task, Split.S0, options).Success.Rate >= 0.99);
        Assert.True(EpisodeRunner.Run(new RandomPolicy(1), task, Split.S0, options).Success.Rate < 0.2);
    }
}
