using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Data;

public sealed class SampleSourceTests
{
    private static readonly SampleSource Source = new(RobotTasks.All);

    [Fact]
    public void Any_sample_can_be_drawn_in_any_order_from_any_thread()
    {
        var inOrder = Enumerable.Range(0, 200).Select(i => Essence(Source.Draw(i, 0.4f))).ToArray();
        var elsewhere = new string[200];
        var other = new SampleSource(RobotTasks.All);
        Parallel.For(0, 200, i => elsewhere[199 - i] = Essence(other.Draw(199 - i, 0.4f)));
        Assert.Equal(inOrder, elsewhere);
        Assert.Equal(200, inOrder.Distinct().Count());
        Assert.NotEqual(inOrder[0], Essence(new SampleSource(RobotTasks.All, new SampleOptions { Seed = 2 }).Draw(0, 0.4f)));
    }

    [Fact]
    public void States_come_in_the_shares_asked_for()
    {
        var counts = Enumerable.Range(0, 3000).GroupBy(i => Source.Draw(i).Kind)
            .ToDictionary(group => group.Key, group => group.Count() / 3000.0);

        // A quarter carries to a plate and holds in 40 % of its states, a quarter pushes, the others hold in 15 %.
        var (holding, pushing) = ((0.15 + 0.15 + 0.4) / 4, 0.35 / 4);
        var empty = 1 - holding - pushing - 0.05;
        Assert.InRange(counts[StateKind.HoldingTarget], holding - 0.025, holding + 0.025);
        Assert.InRange(counts[StateKind.Pushing], pushing - 0.02, pushing + 0.02);
        Assert.InRange(counts[StateKind.HoldingWrong], 0.02, 0.07);
        Assert.InRange(counts[StateKind.Near], 0.35 * empty - 0.04, 0.35 * empty + 0.04);
        Assert.InRange(counts[StateKind.Around], 0.25 * empty - 0.04, 0.25 * empty + 0.04);
    }

    [Fact]
    public void Tasks_come_equally_often()
    {
        var counts = Enumerable.Range(0, 3000).GroupBy(i => Source.Draw(i).Instructions[0].Task.Name)
            .ToDictionary(group => group.Key, group => group.Count() / 3000.0);
        Assert.All(RobotTasks.All, task => Assert.InRange(counts[task.Name], 0.25 - 0.03, 0.25 + 0.03));
    }

    [Fact]
    public void Labels_are_the_experts_and_targets_lie_within_the_board()
    {
        for (var i = 0; i < 500; i++)
        {
            var sample = Source.Draw(i);
            Assert.Equal(3, sample.Instructions.Length);
            foreach (var labeled in sample.Instructions)
            {
                Assert.Equal(labeled.Task.Label(sample.Scene, labeled.Goal).Action, labeled.Action);
                foreach (var point in (Point[])[labeled.Points.Heading, labeled.Points.Thing, labeled.Points.Place])
                {
                    Assert.InRange(point.X, -1, 1);
                    Assert.InRange(point.Y, -1, 1);
                    Assert.InRange(point.Z, 0, 1);
                }

                Assert.Equal(labeled.Action, labeled.Action.Clipped());
                Assert.Contains(labeled.Goal.Target, labeled.Instruction.ObjectIndices);
            }
        }
    }

    [Fact]
    public void A_sample_that_holds_the_target_says_close_and_one_that_holds_another_says_open()
    {
        int holding = 0, wrong = 0;
        for (var i = 0; i < 1000; i++)
        {
            var sample = new SampleSource([RobotTasks.Find("pick")]).Draw(i);
            foreach (var labeled in sample.Instructions)
            {
                var held = sample.Scene.Gripper.Held;
                if (sample.Kind == StateKind.HoldingTarget)
                {
                    Assert.Equal(labeled.Goal.Target, held);
                    Assert.True(labeled.Action.Close);
                    holding++;
                }
                else if (sample.Kind == StateKind.HoldingWrong)
                {
                    Assert.True(held >= 0 && held != labeled.Goal.Target);
                    Assert.False(labeled.Action.Close);
                    wrong++;
                }
                else
                {
                    Assert.Equal(-1, held);
                }
            }
        }

        Assert.True(holding > 100 && wrong > 30);
    }

    [Fact]
    public void States_are_settled_so_fingers_and_objects_do_not_overlap()
    {
        for (var i = 0; i < 500; i++)
        {
            var scene = Source.Draw(i).Scene;
            var settled = new Simulator(scene).Scene;
            for (var k = 0; k < scene.Objects.Length; k++)
                Assert.True(settled.Objects[k].Position.DistanceTo(
                    scene.Objects[k].Position) < 0.002f, $"sample {i}, {scene.Objects[k]} still moves");
        }
    }

    [Fact]
    public void A_curriculum_of_1_makes_small_scenes_only()
    {
        var pick = new SampleSource([RobotTasks.Find("pick")]);
        Assert.All(Enumerable.Range(0, 200), i => Assert.InRange(pick.Draw(i, 1).Scene.Objects.Length, 1, 2));
        Assert.Contains(Enumerable.Range(0, 200), i => pick.Draw(i, 0).Scene.Objects.Length == 4);
    }

    [Fact]
    public void Shares_and_tasks_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SampleSource([]));
        Assert.Throws<ArgumentException>(() => new SampleSource(RobotTasks.All,
            new SampleOptions { NearShare = 0.9f, AroundShare = 0.2f }));
        Assert.Throws<ArgumentException>(() => new SampleSource(RobotTasks.All, new SampleOptions { HoldingTargetShare = -0.1f }));
        Assert.Throws<ArgumentException>(() => new SampleSource(RobotTasks.All, new SampleOptions { CarryingShare = 0.97f }));
        Assert.Throws<ArgumentException>(() => new SampleSource(RobotTasks.All, new SampleOptions { PushingShare = float.NaN }));
        Assert.Throws<ArgumentException>(() => new SampleSource(RobotTasks.All, new SampleOptions { InstructionsPerState = 0 }));
    }

    private static string Essence(TrainingSample sample) =>
        $"{sample.Kind} {sample.Scene.Gripper} {string.Join(';', sample.Scene.Objects)} {string.Join(';', sample.Instructions.Select(labeled => $"{labeled.Instruction} {labeled.Goal} {labeled.Action} {labeled.Points}"))}";
}
