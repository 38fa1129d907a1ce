using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Evaluation;

public sealed class ExpertTests
{
    public static TheoryData<string, string> TasksAndSplits()
    {
        var data = new TheoryData<string, string>();
        foreach (var task in RobotTasks.All)
        {
            foreach (var split in Split.Judged)
                data.Add(task.Name, split.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(TasksAndSplits))]
    public void The_expert_solves_at_least_99_percent_of_the_episodes(string taskName, string splitName)
    {
        var task = RobotTasks.Find(taskName);
        var result = EpisodeRunner.Run(new ExpertPolicy(task), task, Split.Find(splitName),
            new EvaluationOptions { Episodes = splitName == "S0" ? 1000 : 400 });
        Assert.True(result.Success.Rate >= 0.99, Describe(result));
    }

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    [InlineData("relational")]
    public void A_random_policy_solves_fewer_than_5_percent(string taskName)
    {
        var result = EpisodeRunner.Run(new RandomPolicy(3), RobotTasks.Find(taskName), Split.S0, new EvaluationOptions { Episodes = 300 });
        Assert.True(result.Successes < 15, Describe(result));
    }

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    [InlineData("relational")]
    public void An_expert_that_sees_everything_6_mm_off_still_solves_95_percent(string taskName)
    {
        var task = RobotTasks.Find(taskName);
        var result = EpisodeRunner.Run(new ShiftedExpert(task, 0.006f), task, Split.S0, new EvaluationOptions { Episodes = 300 });
        Assert.True(result.Successes >= 285, Describe(result));
    }

    [Fact]
    public void The_expert_depends_on_the_state_alone()
    {
        var task = RobotTasks.Find("place");
        var episode = task.Sample(5, Split.S0, SceneOptions.Full);
        var simulator = new Simulator(episode.Start);
        for (var i = 0; i < 30; i++)
        {
            var copy = new Scene(simulator.Scene.Objects, simulator.Scene.Gripper);
            Assert.Equal(task.Label(simulator.Scene, episode.Goal), task.Label(copy, episode.Goal));
            simulator.Step(task.Label(simulator.Scene, episode.Goal).Action);
        }
    }

    internal static string Describe(EvaluationResult result) =>
        $"{result}: {result.Count(FailureReason.Timeout)} time-outs, {result.Count(FailureReason.MovedOtherObject)} moved another, "
        + $"{result.Count(FailureReason.WrongObjectLifted)} lifted another; e.g. {result.Episodes.FirstOrDefault(episode => !episode.Success)}";

    /// <summary>The expert of a world in which every object is shifted by the same error.</summary>
    private sealed class ShiftedExpert(RobotTask task, float error) : IPolicy
    {
        public bool UsesCamera => false;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            for (var i = 0; i < observations.Length; i++)
            {
                var scene = observations[i].Scene;
                var tool = scene.Gripper.Tool with { X = scene.Gripper.Tool.X + error, Y = scene.Gripper.Tool.Y - error };
                actions[i] = task.Label(scene.With(scene.Gripper with { Tool = tool }), observations[i].Goal).Action;
            }
        }
    }
}
