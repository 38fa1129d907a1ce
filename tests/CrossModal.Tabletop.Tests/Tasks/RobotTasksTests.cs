using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Tasks;

public sealed class RobotTasksTests
{
    [Fact]
    public void An_unknown_task_is_refused_with_the_names_that_exist()
    {
        var error = Assert.Throws<ArgumentException>(() => RobotTasks.Find("juggle"));
        Assert.Contains("'juggle'", error.Message);
        Assert.All(RobotTasks.All, task => Assert.Contains(task.Name, error.Message));
        Assert.Same(RobotTasks.All[0], RobotTasks.Find("PICK"));
    }

    [Fact]
    public void A_lift_below_5_cm_or_of_another_object_is_not_a_success()
    {
        var task = RobotTasks.Find("pick");
        var episode = task.Sample(9, Split.S0, SceneOptions.Full);
        Assert.True(task.IsReached(episode.Start, Held(episode, episode.Goal.Target, 0.051f), episode.Goal));
        Assert.False(task.IsReached(episode.Start, Held(episode, episode.Goal.Target, 0.049f), episode.Goal));
        Assert.False(task.IsReached(episode.Start, Held(episode, (episode.Goal.Target + 1) % episode.Start.Objects.Length, 0.06f),
            episode.Goal));
    }

    [Fact]
    public void An_object_counts_as_placed_within_3_cm_of_the_right_plate_once_released()
    {
        var task = RobotTasks.Find("place");
        var episode = task.Sample(9, Split.S0, SceneOptions.Full);
        Assert.True(task.IsReached(episode.Start, On(episode.Goal.Reference, 0.029f, -1), episode.Goal));
        Assert.False(task.IsReached(episode.Start, On(episode.Goal.Reference, 0.031f, -1), episode.Goal));
        Assert.False(task.IsReached(episode.Start, On(episode.Goal.Reference, 0.01f, episode.Goal.Target), episode.Goal));
        Assert.False(task.IsReached(episode.Start, On(1 - episode.Goal.Reference, 0.01f, -1), episode.Goal));

        Scene On(int plate, float offset, int held)
        {
            var center = episode.Start.Objects[plate].Position;
            var position = new Point(center.X + offset, center.Y, TabletopObject.PlateHeight);
            var objects = episode.Start.Objects.SetItem(episode.Goal.Target,
                episode.Start.Objects[episode.Goal.Target] with { Position = position });
            return new Scene(objects, episode.Start.Gripper with { Held = held });
        }
    }

    private static Scene Held(EpisodeSetup episode, int index, float height)
    {
        var thing = episode.Start.Objects[index];
        var objects = episode.Start.Objects.SetItem(index, thing with { Position = thing.Position with { Z = height } });
        return new Scene(objects, new Gripper(thing.Position with { Z = height + 0.02f }, 2 * thing.Radius, index));
    }
}
