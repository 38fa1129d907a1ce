using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Data;

public sealed class PastStatesTests
{
    private const int Samples = 600;

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    public void From_the_state_before_the_expert_comes_near_most_samples(string task)
    {
        var (near, all) = (0, 0);
        foreach (var sample in Drawn(task))
        {
            var followed = sample.Instructions[0];
            var before = PastStates.Before(sample.Scene, followed);
            if (before.Gripper == sample.Scene.Gripper) continue;
            var simulator = new Simulator(before);
            simulator.Step(followed.Task.Label(before, followed.Goal).Action);
            all++;
            if (simulator.Scene.Gripper.Tool.DistanceTo(sample.Scene.Gripper.Tool) < 0.01f) near++;
        }

        // The others are states that the expert, who slows down for nothing but its goal, never comes by.
        Assert.True(near > 0.5 * all && all > Samples / 2, $"{near} of {all}");
    }

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    public void Nothing_moves_but_the_hand_and_what_it_holds_or_pushes(string task)
    {
        var (held, pushed) = (0, 0);
        foreach (var sample in Drawn(task))
        {
            var (now, before) = (sample.Scene, PastStates.Before(sample.Scene, sample.Instructions[0]));
            var moved = Enumerable.Range(0, now.Objects.Length).Where(i => now.Objects[i] != before.Objects[i]).ToArray();
            Assert.Equal((now.Gripper.Opening, now.Gripper.Held), (before.Gripper.Opening, before.Gripper.Held));
            Assert.True(Furthest(now.Gripper.Tool, before.Gripper.Tool) <= RobotAction.MaxStep + 1e-6f);
            Assert.All(before.Objects, o => Assert.InRange(o.Position.Z, 0, 1));
            if (moved.Length == 0) continue;
            var expected = now.Gripper.Held >= 0 ? now.Gripper.Held : sample.Instructions[0].Goal.Target;
            Assert.Equal([expected], moved);
            if (now.Gripper.Held >= 0) held++;
            else pushed++;
        }

        Assert.Equal(task == "push", pushed > 10);
        Assert.Equal(task != "push", held > 10);
    }

    [Fact]
    public void Some_samples_are_first_steps_of_an_episode_and_which_depends_on_the_seed_alone()
    {
        var sample = Drawn("pick")[0];
        var counts = Enumerable.Range(0, 2000).Select(i => PastStates.Before(sample, (ulong)i, 2).Count).ToArray();
        for (var count = 0; count < 2; count++) Assert.InRange(counts.Count(c => c == count), 150, 250);
        Assert.Equal(counts, Enumerable.Range(0, 2000).Select(i => PastStates.Before(sample, (ulong)i, 2).Count));

        // The expert follows each of the instructions now and then.
        var seconds = sample.Instructions.Select(followed => PastStates.Before(sample.Scene, followed)).ToList();
        var first = Enumerable.Range(0, 200).Select(i => PastStates.Before(sample, (ulong)i, 1)).Where(s => s.Count == 1)
            .Select(s => seconds.FindIndex(other => other.Gripper == s[0].Gripper)).ToHashSet();
        Assert.Equal(seconds.Select(s => seconds.FindIndex(other => other.Gripper == s.Gripper)).ToHashSet(), first);
    }

    private static List<TrainingSample> Drawn(string task)
    {
        var source = new SampleSource([RobotTasks.Find(task)], new SampleOptions { Seed = 5 });
        return [.. Enumerable.Range(0, Samples).Select(i => source.Draw(i))];
    }

    private static float Furthest(Point a, Point b) =>
        MathF.Max(MathF.Abs(a.X - b.X), MathF.Max(MathF.Abs(a.Y - b.Y), MathF.Abs(a.Z - b.Z)));
}
