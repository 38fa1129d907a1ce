using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Tasks;

/// <summary>How often an oracle with perfect sight that uses only part of the sentence picks the right object.</summary>
public sealed class ShortcutTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Scenes = 2000;
    private const double Limit = 0.65;
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, EpisodeSetup[]> Drawn = new();

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    public void Colour_alone_and_shape_alone_find_the_target_in_fewer_than_65_percent(string task)
    {
        AssertWeak(task, "colour only", (scene, goal) =>
            Where(scene, i => scene.Objects[i].Kind.Color == scene.Objects[goal.Target].Kind.Color));
        AssertWeak(task, "shape only", (scene, goal) =>
            Where(scene, i => scene.Objects[i].Kind.Shape == scene.Objects[goal.Target].Kind.Shape));
    }

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    [InlineData("relational")]
    public void No_place_on_the_board_gives_the_target_away(string task)
    {
        AssertWeak(task, "leftmost", (scene, _) => Best(Graspable(scene), i => scene.Objects[i].Position.X));
        AssertWeak(task, "nearest to the centre", (scene, _) =>
            Best(Graspable(scene), i => scene.Objects[i].Position.HorizontalDistanceTo(default)));
        AssertWeak(task, "nearest to the tool", (scene, _) =>
            Best(Graspable(scene), i => scene.Objects[i].Position.HorizontalDistanceTo(scene.Gripper.Tool)));
        AssertWeak(task, "first index", (scene, _) => [Graspable(scene)[0]]);
    }

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    public void What_the_objects_have_in_common_does_not_tell_which_is_meant(string task) =>
        AssertWeak(task, "most in common with the others", (scene, _) =>
        {
            var shared = Graspable(scene).GroupBy(i => Graspable(scene).Count(j => j != i
                && (scene.Objects[i].Kind.Color == scene.Objects[j].Kind.Color
                    || scene.Objects[i].Kind.Shape == scene.Objects[j].Kind.Shape)));
            return [.. shared.MaxBy(group => group.Key)!];
        }, limit: 0.3);

    [Fact]
    public void The_layout_does_not_tell_where_to_push()
    {
        var task = new PushTask();
        double guessed = 0, towardsTheMiddle = 0;
        for (var i = 0; i < Scenes; i++)
        {
            var episode = task.Sample(Split.S0.SceneSeed(3, i), Split.S0, SceneOptions.Full);
            var goals = task.Goals(episode.Start);
            Assert.Contains(episode.Goal, goals);
            guessed += 1.0 / goals.Count;
            var likely = goals.MinBy(goal => goal.Direction.Split(episode.Start.Objects[goal.Target].Position, default).Along);
            towardsTheMiddle += likely == episode.Goal ? 1 : 0;
        }

        output.WriteLine($"push, any possible goal: {100 * guessed / Scenes:F1} %; the one with the longest way: {100 * towardsTheMiddle / Scenes:F1} %");
        Assert.InRange(guessed / Scenes, 0.1, 0.3);
        Assert.InRange(towardsTheMiddle / guessed, 0.8, 1.2);
    }

    [Fact]
    public void Half_of_a_relation_does_not_find_the_target()
    {
        AssertWeak("relational", "shape only", Candidates);
        AssertWeak("relational", "extreme candidate in the direction", (scene, goal) =>
            Best(Candidates(scene, goal), i => -RelationGeometry.Along(goal.Relation, scene.Objects[i].Position, default)));
        AssertWeak("relational", "candidate nearest to the reference", (scene, goal) =>
            Best(Candidates(scene, goal), i => scene.Objects[i].Position.HorizontalDistanceTo(scene.Objects[goal.Reference].Position)));
        AssertWeak("relational", "relation to some object, reference unread", (scene, goal) =>
            Where(scene, i => Candidates(scene, goal).Contains(i)
            && Enumerable.Range(0, scene.Objects.Length).Any(j => j != i && !Candidates(scene, goal).Contains(j)
                && RelationGeometry.MightHold(goal.Relation, scene.Objects[i].Position, scene.Objects[j].Position))));
        AssertWeak("relational", "any quarter of the reference, relation unread", (scene, goal) =>
            Where(scene, i => Candidates(scene, goal).Contains(i)
            && Enumerable.Range(1, 4).Any(r => RelationGeometry.ClearlyHolds((Relation)r, scene.Objects[i].Position,
                scene.Objects[goal.Reference].Position))));
    }

    [Fact]
    public void The_plate_is_a_choice_of_two()
    {
        AssertWeak("place", "nearest plate to the object", (scene, goal) =>
            Best(Where(scene, i => scene.Objects[i].IsPlate), i =>
                scene.Objects[i].Position.HorizontalDistanceTo(scene.Objects[goal.Target].Position)), plate: true);
        AssertWeak("place", "any plate", (scene, _) => Where(scene, i => scene.Objects[i].IsPlate), plate: true);
    }

    private void AssertWeak(string taskName, string shortcut, Func<Scene, Goal, int[]> choose, bool plate = false, double limit = Limit)
    {
        double right = 0;
        foreach (var episode in Drawn.GetOrAdd(taskName, name =>
            [.. Enumerable.Range(0, Scenes).Select(i => RobotTasks.Find(name)
            .Sample(Split.S0.SceneSeed(3, i), Split.S0, SceneOptions.Full))]))
        {
            // A random choice among equals is right as often as the answer is one of them, divided by their number.
            var choice = choose(episode.Start, episode.Goal);
            right += choice.Contains(plate ? episode.Goal.Reference : episode.Goal.Target) ? 1.0 / choice.Length : 0;
        }

        output.WriteLine($"{taskName}, {shortcut}: {100 * right / Scenes:F1} %");
        Assert.True(right / Scenes < limit, $"{taskName}: '{shortcut}' is right in {100 * right / Scenes:F1} % of the scenes");
    }

    private static int[] Where(Scene scene, Func<int, bool> condition) => [.. Enumerable.Range(0, scene.Objects.Length).Where(condition)];

    private static int[] Graspable(Scene scene) => Where(scene, i => !scene.Objects[i].IsPlate);

    private static int[] Candidates(Scene scene, Goal goal) =>
        Where(scene, i => scene.Objects[i].Kind.Shape == scene.Objects[goal.Target].Kind.Shape);

    private static int[] Best(int[] among, Func<int, float> cost) => [among.MinBy(cost)];
}
