using CrossModal.Tabletop.Data;
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
        Assert.All(Enum.GetValues<ObjectColor>(), color => Assert.Equal(4, HeldOutPairs.Training.Count(kind => kind.Color == color)));
        Assert.All(Enumerable.Range(0, 5), shape => Assert.True(HeldOutPairs.Training.Count(kind => (int)kind.Shape == shape) >= 4));
    }

    [Fact]
    public void No_training_or_S0_scene_contains_a_held_out_pair()
    {
        foreach (var task in RobotTasks.All)
        {
            for (var i = 0; i < 500; i++)
                Assert.DoesNotContain(task.Sample(Split.S0.SceneSeed(1, i), Split.S0, SceneOptions.Full).Start.Objects, thing => HeldOutPairs.Contains(thing.Kind));
            var source = new SampleSource([task]);
            for (var i = 0; i < 500; i++)
                Assert.DoesNotContain(source.Draw(i, 0.3f).Scene.Objects, thing => HeldOutPairs.Contains(thing.Kind));
        }
    }

    [Fact]
    public void In_Z1_the_target_and_nothing_else_is_a_held_out_pair()
    {
        foreach (var task in RobotTasks.All)
        {
            for (var i = 0; i < 500; i++)
            {
                var episode = task.Sample(Split.Z1.SceneSeed(1, i), Split.Z1, SceneOptions.Full);
                for (var k = 0; k < episode.Start.Objects.Length; k++)
                    Assert.Equal(k == episode.Goal.Target, HeldOutPairs.Contains(episode.Start.Objects[k].Kind));
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
}
