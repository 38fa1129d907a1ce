using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
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

    [Theory]
    [InlineData("cross-attention")]
    [InlineData("concat-tokens")]
    public void A_student_that_is_its_teacher_has_its_attention_to_all_pictures(string strategy)
    {
        // A rate of almost nothing: the student stays what it began as, which is the teacher.
        var recipe = Recipe with { LearningRate = 1e-12, Steps = 1 };
        Assert.Equal(0, Taught(seed: recipe.Seed), 1e-5);
        Assert.InRange(Taught(seed: 9), 1e-3, 10);

        double Taught(ulong seed)
        {
            var options = With(TinyPolicy.Source(recipe, strategy).Policy.Policy.Options, 2);
            var teacher = new TabletopLossSource(options, recipe with { Seed = seed }).Policy;
            Assert.Equal(3, Assert.Single(WordAttention.Of(teacher.Policy)).Pictures);
            var source = new TabletopLossSource(options, recipe) { Teacher = new TabletopTeacher(teacher, new DistillationOptions()) };
            var folder = Path.Combine(_folder, $"{seed}");
            new PolicyTrainer(source).Run(folder);
            return LossLog.Read(Path.Combine(folder, TrainingLoop.LogName))["taught_attention"][0];
        }
    }

    [Fact]
    public void A_step_of_the_expert_has_the_pictures_of_those_before_and_without_past_frames_is_the_start()
    {
        var (task, rig) = (RobotTasks.Find("pick"), new CameraRig(64));
        var episode = task.Sample(Split.S0.SceneSeed(1, 0), Split.S0, SceneOptions.Full);
        var start = ExpertStep.Of(task, episode, rig, 0);
        Assert.Equal((episode, 1), (start.Episode, start.Frames.Length));
        var step = ExpertStep.Of(task, episode, rig, 2);
        Assert.Equal(3, step.Frames.Length);
        Assert.Equal(start.Current[0].Rgb.ToArray(), step.Past[1][0].Rgb.ToArray());
        Assert.Equal(ExpertStep.Of(task, episode, rig, 1).Current[0].Rgb.ToArray(), step.Past[0][0].Rgb.ToArray());
        var (from, to) = (episode.Start.Gripper.Tool, step.Episode.Start.Gripper.Tool);
        Assert.InRange(from.DistanceTo(to), 0.03f, 0.11f);
        Assert.True(step.Episode.Goal == episode.Goal && step.Episode.Instruction == episode.Instruction);
    }

    [Fact]
    public void Maps_lifts_and_cases_of_words_are_those_of_a_policy_that_was_given_the_steps_before()
    {
        var (task, trained) = (RobotTasks.Find("pick"), Trainer().Policy);
        var ages = trained.Policy.Parameters().Single(p => p.Key == "past.ages").Value;
        Tensor.Normal(ages.Shape, new RandomSource(5), 2).Span.CopyTo(ages.Span);
        using var policy = Policy.Of(trained);
        var step = ExpertStep.Of(task, task.Sample(Split.S0.SceneSeed(1, 0), Split.S0, SceneOptions.Full,
            InstructionLanguages.Of(trained.Tokenizer)), new CameraRig(64), 2);
        var (instruction, state) = (step.Episode.Instruction, Proprioception.Of(step.Episode.Start));
        policy.SetInstruction(string.Join(' ', instruction.Words), allowUnknown: true);
        foreach (var frames in step.Frames.Reverse())
            policy.Act(new CrossModal.Policies.Observation(frames[0].ToFrame()) { State = state });
        var (expected, maps) = (policy.Maps(), WordGrounding.Maps(trained, step.Frames, instruction, state));
        Equal(expected[0].Mean(1), maps[0].Mean(1), 1e-5f);
        Assert.NotEqual(expected[0].Mean(1).Sum(), WordGrounding.Maps(trained, step.Current, instruction, state)[0].Mean(1).Sum(), 0.05f);

        // The same step by itself: the lift of one scene, and a test of a word.
        var verb = Assert.Single(WordGrounding.Measure(trained, task, Split.S0, 1), g => g.Kind == WordKind.Verb);
        var coverage = new float[expected[0].Grid.Count];
        step.Current[0].CoverageOfPatches(CameraFrame.IdOf(step.Episode.Goal.Target), expected[0].Grid.Rows, expected[0].Grid.Columns,
            coverage);
        var at = instruction.Kinds.IndexOf(WordKind.Verb);
        Assert.Equal(instruction.Kinds.Index().Where(word => word.Item == WordKind.Verb)
            .Average(word => Grounding.Measure(expected[0].Mean(word.Index), coverage).Mass), verb.Mass, 1e-5);
        var one = WordGrounding.Cases(policy, instruction.Words[at], "target", task, Split.S0, scenes: 1)[0];
        Assert.Equal(2, one.Past.Count);
        Assert.Equal(step.Past[0][0].Rgb.ToArray(), one.Past[0][0].Pixels);
        var measured = policy.Words(instruction.Words[at]).Measure([one], 1);
        Assert.Equal(Grounding.Measure(new RawAttention().Compute(policy.Explained().Decision).Joined(at), coverage).Lift, measured.Lift,
            1e-3);
        Equal(expected[0].Mean(at), policy.Maps()[0].Mean(at), 1e-5f);

        static void Equal(float[] expected, float[] actual, float within) =>
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, within));
    }

    [Fact]
    public void The_effect_of_instructions_is_measured_with_the_frames_before()
    {
        var source = Source(Recipe);
        var (before, ages) = (source.Effect().Measure(source.Policy.Policy),
            source.Policy.Policy.Parameters().Single(p => p.Key == "past.ages").Value);
        Tensor.Normal(ages.Shape, new RandomSource(5), 2).Span.CopyTo(ages.Span);
        Assert.NotEqual(before.Effect, source.Effect().Measure(source.Policy.Policy).Effect);
    }

    private static PolicyTrainer Trainer() => new(Source(Recipe));

    private static TabletopLossSource Source(TabletopRecipe recipe) =>
        new(With(TinyPolicy.Source(recipe).Policy.Policy.Options, 2), recipe);

    private static PolicyOptions With(PolicyOptions options, int frames) =>
        options with { Perception = new PerceptionOptions { PastFrames = frames } };

    private static float[] Ages(PolicyTrainer trainer) =>
        trainer.Policy.Policy.Parameters().Single(p => p.Key == "past.ages").Value.ToArray();
}
