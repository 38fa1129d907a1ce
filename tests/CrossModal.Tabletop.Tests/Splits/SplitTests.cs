using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Splits;

public sealed class SplitTests
{
    [Fact]
    public void Six_pairs_are_held_out_and_every_colour_and_shape_is_trained()
    {
        Assert.Equal(6, HeldOutPairs.HeldOut.Count);
        Assert.Equal(24, HeldOutPairs.Training.Count);
        Assert.Equal(6, HeldOutPairs.HeldOut.Select(kind => kind.Color).Distinct().Count());
        Assert.Equal(5, HeldOutPairs.HeldOut.Select(kind => kind.Shape).Distinct().Count());
        Assert.All(Enum.GetValues<ObjectColor>().Where(color => color != ObjectColor.Unnamed), color =>
            Assert.Equal(4, HeldOutPairs.Training.Count(kind => kind.Color == color)));
        Assert.All(Enumerable.Range(0, 5), shape => Assert.True(HeldOutPairs.Training.Count(kind => (int)kind.Shape == shape) >= 4));
    }

    [Fact]
    public void No_scene_contains_a_held_out_pair_except_as_the_target_of_Z1()
    {
        foreach (var (task, split, episode) in Drawn(300))
        {
            for (var k = 0; k < episode.Start.Objects.Length; k++)
                Assert.True(HeldOutPairs.Contains(episode.Start.Objects[k].Kind) == (split == Split.Z1 && k == episode.Goal.Target),
                    $"{task} {split}: {episode.Start.Objects[k]}");
        }
    }

    [Fact]
    public void Training_states_hold_no_held_out_pair_ask_for_no_held_out_kind_and_leave_the_corner_free()
    {
        foreach (var task in RobotTasks.All)
        {
            var source = new SampleSource([task]);
            for (var i = 0; i < 1000; i++)
            {
                var sample = source.Draw(i, 0.3f);
                Assert.DoesNotContain(sample.Scene.Objects, thing => HeldOutPairs.Contains(thing.Kind));
                Assert.DoesNotContain(sample.Scene.Objects, thing => thing.Position is { X: > 0.06f, Y: > 0.06f });
                Assert.All(sample.Instructions, labeled =>
                    Assert.Contains(sample.Scene.Objects[labeled.Goal.Target].Kind, Split.Training.TargetsOf(task.Name)));
            }
        }
    }

    [Fact]
    public void Only_the_target_of_Z4_starts_in_the_corner_that_training_does_not_know()
    {
        foreach (var (task, split, episode) in Drawn(200))
        {
            for (var k = 0; k < episode.Start.Objects.Length; k++)
                Assert.True(episode.Start.Objects[k].Position is
                {
                    X: >= 0.06f,
                    Y: >= 0.06f
                } == (split == Split.Z4 && k == episode.Goal.Target), $"{task} {split}: {episode.Start.Objects[k]}");
        }
    }

    [Fact]
    public void Each_task_keeps_three_kinds_for_Z5_that_every_other_task_asks_for()
    {
        Assert.All(RobotTasks.All, task => Assert.Equal(3, Split.Z5.TargetsOf(task.Name).Count));
        Assert.All(RobotTasks.All, task => Assert.Equal(21, Split.S0.TargetsOf(task.Name).Count));
        Assert.All(HeldOutPairs.Training, kind =>
            Assert.True(RobotTasks.All.Count(task => Split.Z5.TargetsOf(task.Name).Contains(kind)) <= 1));
        foreach (var (task, split, episode) in Drawn(100))
        {
            var kind = episode.Start.Objects[episode.Goal.Target].Kind;
            Assert.Equal(split == Split.Z5, Split.Z5.TargetsOf(task.Name).Contains(kind));
            Assert.Contains(kind, split.TargetsOf(task.Name));
        }

        Assert.Throws<ArgumentException>(() => HeldOutTaskPairs.Of("juggle"));
    }

    [Fact]
    public void Z3_has_6_to_8_objects_besides_plates_and_the_others_at_most_5()
    {
        foreach (var (task, split, episode) in Drawn(60))
        {
            var count = episode.Start.Objects.Count(thing => !thing.IsPlate);
            Assert.True(split == Split.Z3 ? count is >= 6 and <= 8 : count <= 5, $"{task} {split}: {count} objects");
        }
    }

    [Fact]
    public void Z2_says_what_training_never_says()
    {
        foreach (var task in RobotTasks.All)
        {
            var trained = Texts(task, Split.Training, 2000);
            var words = trained.SelectMany(text => text.Split(' ')).ToHashSet();
            var patterns = trained.Select(Pattern).ToHashSet();
            Assert.All(Texts(task, Split.Z2a, 300), text => Assert.DoesNotContain(Pattern(text), patterns));
            Assert.All(Texts(task, Split.Z2a, 300), text => Assert.All(text.Split(' '), word => Assert.Contains(word, words)));
            foreach (var text in Texts(task, Split.Z2b, 300))
            {
                Assert.All(text.Split(' '), word => Assert.False(ObjectWords.Contains(word), text));
                Assert.Contains(text.Split(' '), word => !words.Contains(word));
                Assert.Contains(Pattern(string.Join(' ', text.Split(' ').Select(Synonyms.Meaning))), patterns);
            }
        }
    }

    [Fact]
    public void Seeds_of_different_splits_never_meet()
    {
        var seeds = new HashSet<ulong>();
        foreach (var split in Split.All)
        {
            for (var i = 0; i < 2000; i++)
                Assert.True(seeds.Add(split.SceneSeed(1, i)));
        }

        Assert.Equal(Split.All.Count, Split.All.Select(split => split.SceneSeed(9, 9) >> 60).Distinct().Count());
    }

    [Fact]
    public void An_unknown_split_is_refused_with_the_names_that_exist()
    {
        var error = Assert.Throws<ArgumentException>(() => Split.Find("Z9"));
        Assert.Contains("S0", error.Message);
        Assert.Same(Split.Z1, Split.Find("z1"));
    }

    private static readonly string[] ObjectWords =
        ["red", "green", "blue", "yellow", "purple", "orange", "cup", "cube", "cylinder", "ball", "star", "plate"];

    private static IEnumerable<(RobotTask Task, Split Split, EpisodeSetup Episode)> Drawn(int scenes) =>
        from task in RobotTasks.All
        from split in Split.All
        from i in Enumerable.Range(0, scenes)
        select (task, split, task.Sample(split.SceneSeed(1, i), split, SceneOptions.Full));

    private static List<string> Texts(RobotTask task, Split split, int scenes) =>
        [.. Enumerable.Range(0, scenes).Select(i => task.Sample(split.SceneSeed(1, i), split, SceneOptions.Full).Instruction.Text)];

    /// <summary>A sentence with its colours, shapes, relations and directions replaced by what they are.</summary>
    private static string Pattern(string text)
    {
        text = text.Replace("in front of", "R", StringComparison.Ordinal).Replace("left of", "R", StringComparison.Ordinal)
            .Replace("right of", "R", StringComparison.Ordinal).Replace("behind", "R", StringComparison.Ordinal);
        return string.Join(' ', text.Split(' ').Select(word => ObjectWords.Contains(word) ? "X" : word is "left" or "right" or "back"
            or "front" ? "D" : word));
    }
}
