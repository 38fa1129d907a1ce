using CrossModal.Engine.Tensors;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Tabletop.Tests.Learning;

/// <summary>Training and evaluation of a policy with past frames.</summary>
public sealed class PastFramesOnTheTabletopTests : IDisposable
{
    private static readonly TabletopRecipe Recipe = new() { Steps = 12, Scenes = 4, Instructions = 2, Seed = 6 };
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Training_changes_the_ages_and_a_stopped_run_goes_on_to_the_same_bits()
    {
        var (whole, stopped, resumed) = (Trainer(), Trainer(), Trainer());
        var drawn = Ages(whole);
        whole.Run(Path.Combine(_folder, "whole"));
        Assert.All(Ages(whole).Zip(drawn), pair => Assert.NotEqual(pair.First, pair.Second));
        using var stop = new Watcher(stopAfter: 5);
        stopped.Run(Path.Combine(_folder, "parts"), stop, stop.Token);
        resumed.Run(Path.Combine(_folder, "parts"));
        Assert.Equal(TinyPolicy.Weights(whole), TinyPolicy.Weights(resumed));
        Assert.StartsWith(Path.Combine(_folder, "whole"), Assert.Throws<IOException>(() =>
            TinyPolicy.Trainer(Recipe).Run(Path.Combine(_folder, "whole"))).Message);
    }

    [Fact]
    public void A_batch_has_the_pictures_before_every_scene_and_says_which_there_are()
    {
        var source = Source(Recipe);
        var loss = (TabletopLoss)source.Create(20, null!);
        loss.Fill(new TrainingBatch(seed: 1, step: 3, shard: 0, shards: 1, batchSize: 20));
        var (input, plane) = (loss.Input, 3 * 64 * 64);
        Assert.Equal(Shape.Of(20, 2, 3, 64, 64), input.Past!.Pictures.Shape);
        var there = input.Past.Mask!.Scores.ToArray().Select(x => x == 0).ToArray();
        Assert.InRange(there.Count(x => x), 24, 39);
        for (var i = 0; i < 20; i++)
        {
            // A frame that is missing is older than one that is there.
            Assert.True(there[2 * i] || !there[2 * i + 1]);
            if (there[2 * i]) Assert.True(Differs(Picture(input.Images, i), Picture(input.Past.Pictures, 2 * i)) < 0.1);
        }

        Assert.Contains(Enumerable.Range(0, 20), i => there[2 * i]
            && Differs(Picture(input.Images, i), Picture(input.Past.Pictures, 2 * i)) > 1e-3);

        float[] Picture(Tensor pictures, int number) => pictures.Span.Slice(number * plane, plane).ToArray();

        static double Differs(float[] a, float[] b) => a.Zip(b).Average(pair => Math.Abs(pair.First - pair.Second));
    }

    [Fact]
    public void Episodes_in_batches_act_as_each_alone_and_the_past_counts()
    {
        var trained = Trainer().Policy;
        var ages = trained.Policy.Parameters().Single(p => p.Key == "past.ages").Value;
        Tensor.Normal(ages.Shape, new RandomSource(5), 2).Span.CopyTo(ages.Span);
        var (alone, together) = (Paths(trained, 1), Paths(trained, 4));
        for (var i = 0; i < alone.Length; i++)
        {
            Assert.Equal(alone[i].Count, together[i].Count);
            foreach (var (a, b) in alone[i].Zip(together[i])) Assert.True(a.DistanceTo(b) < 1e-3f, $"episode {i}: {a} and {b}");
        }

        Assert.True(alone.Select(path => path.Count).Distinct().Count() > 1 || alone.Length > 4);
        ages.Span.Clear();
        Assert.Contains(Paths(trained, 4).Zip(alone), pair => pair.First[^1].DistanceTo(pair.Second[^1]) > 5e-3f);

        static IReadOnlyList<Point>[] Paths(TrainedPolicy trained, int batch)
        {
            using var policy = new TabletopPolicy(trained);
            return [.. EpisodeRunner.Run(policy, RobotTasks.Find("pick"), Split.S0,
                new EvaluationOptions { Episodes = 6, Seed = 4, BatchSize = batch, CameraSize = 64 }).Episodes.Select(e => e.ToolPath)];
        }
    }

    [Fact]
    public void A_student_learns_from_a_teacher_with_as_many_past_frames_alone()
    {
        var recipe = Recipe with { Steps = 1 };
        var options = new DistillationOptions(Attention: 0);
        var other = new TabletopLossSource(With(TinyPolicy.Source(recipe).Policy.Policy.Options, 2), recipe)
        {
            Teacher = new TabletopTeacher(TinyPolicy.Untrained(), options),
        };
        Assert.Contains("past frames", Assert.Throws<ArgumentException>(() => new PolicyTrainer(other).Run(_folder)).Message);
        var same = new TabletopLossSource(other.Policy.Policy.Options, recipe) { Teacher = new TabletopTeacher(Trainer().Policy, options) };
        Assert.Equal(1, new PolicyTrainer(same).Run(_folder).Step);
    }

    private static PolicyTrainer Trainer() => new(Source(Recipe));

    private static TabletopLossSource Source(TabletopRecipe recipe) =>
        new(With(TinyPolicy.Source(recipe).Policy.Policy.Options, 2), recipe);

    private static PolicyOptions With(PolicyOptions options, int frames) =>
        options with { Perception = new PerceptionOptions { PastFrames = frames } };

    private static float[] Ages(PolicyTrainer trainer) =>
        trainer.Policy.Policy.Parameters().Single(p => p.Key == "past.ages").Value.ToArray();
}
