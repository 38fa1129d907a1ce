using CrossModal.Attention;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Tabletop.Tests.Learning;

public sealed class DistilledLossTests : IDisposable
{
    private static readonly TabletopRecipe Recipe = new() { Steps = 12, Scenes = 4, Instructions = 2, Seed = 6 };
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_student_that_is_its_teacher_has_nothing_to_learn_from_it_but_how_sure_it_is()
    {
        // A rate of almost nothing: the student stays what it began as, which is the teacher.
        var recipe = Recipe with { LearningRate = 1e-12, Steps = 1 };
        var log = Losses(recipe, TinyPolicy.Sizes, new TabletopTeacher(TinyPolicy.Trainer(recipe).Policy, new DistillationOptions()));
        Assert.Equal(0, log["taught_feature"][0], 1e-6);
        Assert.Equal(0, log["taught_attention"][0], 1e-5);
        Assert.InRange(log["taught_action"][0], 0.01, 0.5);
        var other = Losses(recipe, TinyPolicy.Sizes, new TabletopTeacher(TinyPolicy.Untrained(seed: 9), new DistillationOptions()),
            "other");
        Assert.True(other["taught_feature"][0] > 1e-3 && other["taught_attention"][0] > 1e-3);
    }

    [Fact]
    public void A_small_student_learns_the_attention_of_a_teacher_with_more_layers_and_patches()
    {
        var teacher = new TabletopTeacher(new TabletopLossSource("cross-attention", new FusionOptions(16, 4, 3),
            Recipe with { Seed = 2 }).Policy, new DistillationOptions(0, 0, 3));
        Assert.Contains(teacher.Layer, (string[])["fusion.layers.0.cross_attn", "fusion.layers.1.cross_attn",
            "fusion.layers.2.cross_attn"]);
        var log = Losses(Recipe with { Steps = 60, LearningRate = 5e-3 }, TinyPolicy.Sizes, teacher,
            vision: new VisionOptions { Tokens = new VisualTokens(TokenReduction.Pool, 4) });
        Assert.DoesNotContain("taught_action", log.Keys);
        Assert.True(log["taught_attention"][^8..].Average() < 0.7 * log["taught_attention"][..8].Average(),
            string.Join(' ', log["taught_attention"]));
    }

    [Fact]
    public void Words_and_patches_in_one_sequence_can_teach_attention_and_learn_it()
    {
        var joint = new TabletopTeacher(TinyPolicy.Untrained("concat-tokens", seed: 3), new DistillationOptions());
        Assert.Equal("fusion.encoder.layers.0.self_attn", joint.Layer);
        Assert.True(Losses(Recipe with { Steps = 1 }, TinyPolicy.Sizes, joint, "a")["taught_attention"][0] > 0);
        Assert.True(Losses(Recipe with { Steps = 1 }, TinyPolicy.Sizes,
            new TabletopTeacher(TinyPolicy.Untrained(seed: 3), new DistillationOptions()), "b",
            "concat-tokens")["taught_attention"][0] > 0);
    }

    [Theory]
    [InlineData("topk:4")]
    [InlineData("local:1")]
    [InlineData("linear")]
    [InlineData("prune:8")]
    [InlineData("inverted")]
    public void A_student_that_attends_in_another_way_learns_attention_and_comes_closer(string attention)
    {
        var teacher = new TabletopTeacher(TinyPolicy.Untrained(seed: 3), new DistillationOptions(0, 0, 3));
        var log = Losses(Recipe with { Steps = 40, LearningRate = 5e-3 }, TinyPolicy.Sizes, teacher,
            vision: new VisionOptions { Attention = AttentionVariant.Parse(attention) });
        var taught = log["taught_attention"];
        Assert.All(taught, loss => Assert.True(double.IsFinite(loss) && loss > 0));
        Assert.True(taught[^8..].Average() < taught[..8].Average(), string.Join(' ', taught));
    }

    [Fact]
    public void Whoever_has_no_map_can_neither_teach_attention_nor_learn_it()
    {
        Assert.Contains("the words of perceiver attend to no patch",
            Assert.Throws<ArgumentException>(() => new TabletopTeacher(TinyPolicy.Untrained("perceiver"),
            new DistillationOptions())).Message);
        Assert.Null(new TabletopTeacher(TinyPolicy.Untrained("perceiver"), new DistillationOptions(Attention: 0)).Layer);
        var teacher = new TabletopTeacher(TinyPolicy.Untrained(), new DistillationOptions());
        Assert.Contains("the words of concat-pooled attend to no patch",
            Assert.Throws<ArgumentException>(() => Losses(Recipe, TinyPolicy.Sizes, teacher, "a", "concat-pooled")).Message);
        var onePoint = Recipe with { Levers = Recipe.Levers with { Points = 1 } };
        Assert.Contains("must have the same pictures, points",
            Assert.Throws<ArgumentException>(() => Losses(onePoint, TinyPolicy.Sizes, teacher, "b")).Message);
    }

    private IReadOnlyDictionary<string, double[]> Losses(TabletopRecipe recipe, FusionOptions sizes, TabletopTeacher teacher,
        string name = "run", string strategy = "cross-attention", VisionOptions? vision = null)
    {
        var options = TabletopLossSource.Describe(strategy, sizes, recipe);
        var source = new TabletopLossSource(vision is null ? options : options with { Fusion = options.Fusion with { Vision = vision } },
            recipe)
        { Teacher = teacher };
        new PolicyTrainer(source) { Shards = 1 }.Run(Path.Combine(_folder, name));
        return CrossModal.Training.LossLog.Read(Path.Combine(_folder, name, CrossModal.Training.TrainingLoop.LogName));
    }
}
