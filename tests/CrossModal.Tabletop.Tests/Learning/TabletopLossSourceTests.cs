using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Learning;
using CrossModal.Training;

namespace CrossModal.Tabletop.Tests.Learning;

public sealed class TabletopLossSourceTests : IDisposable
{
    private static readonly TabletopRecipe Recipe =
        new() { Steps = 30, Scenes = 4, Instructions = 2, Seed = 6, Tasks = ["pick", "relational"] };
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_learns_and_one_that_was_stopped_and_goes_on_ends_with_the_same_bits()
    {
        var (whole, stopped, resumed) = (TinyPolicy.Trainer(Recipe), TinyPolicy.Trainer(Recipe), TinyPolicy.Trainer(Recipe));
        using var watcher = new Watcher();
        var summary = whole.Run(Path.Combine(_folder, "whole"), watcher);
        Assert.Equal((30, false), (summary.Step, summary.Cancelled));
        Assert.True(watcher.Losses[^10..].Average() < 0.95 * watcher.Losses[..5].Average(), string.Join(' ', watcher.Losses));

        // 13 is between two checkpoints: the one of the cancellation counts.
        using var stop = new Watcher(stopAfter: 13);
        summary = stopped.Run(Path.Combine(_folder, "parts"), stop, stop.Token);
        Assert.Equal((13, true), (summary.Step, summary.Cancelled));
        Assert.NotEqual(TinyPolicy.Weights(whole), TinyPolicy.Weights(stopped));
        using var rest = new Watcher();
        resumed.Run(Path.Combine(_folder, "parts"), rest);
        Assert.Equal(watcher.Losses, [.. stop.Losses, .. rest.Losses]);
        Assert.Equal(TinyPolicy.Weights(whole), TinyPolicy.Weights(resumed));

        // A finished run that is called again stays as it is.
        var again = TinyPolicy.Trainer(Recipe);
        Assert.Equal(30, again.Run(Path.Combine(_folder, "parts")).Step);
        Assert.Equal(TinyPolicy.Weights(whole), TinyPolicy.Weights(again));
    }

    [Fact]
    public void A_run_of_another_recipe_is_not_gone_on_with()
    {
        var recipe = Recipe with { Steps = 1 };
        TinyPolicy.Trainer(recipe).Run(_folder);
        foreach (var other in (PolicyTrainer[])
        [
            TinyPolicy.Trainer(recipe with { Control = PolicyControl.NoVision }), TinyPolicy.Trainer(recipe with { Tasks = ["pick"] }),
            TinyPolicy.Trainer(recipe with { Variation = SceneVariation.Varied }), TinyPolicy.Trainer(recipe with { ImageSize = 96 }),
            TinyPolicy.Trainer(recipe with { Instructions = 3 }), TinyPolicy.Trainer(recipe, "co-attention"),
                TinyPolicy.Trainer(recipe with { Seed = 7 }),
        ])
            Assert.StartsWith(_folder, Assert.Throws<IOException>(() => other.Run(_folder)).Message);
    }

    [Fact]
    public void Cameras_and_variation_reach_what_is_learned()
    {
        var recipe = Recipe with { Steps = 3 };
        var two = new PolicyTrainer(new TabletopLossSource("cross-attention", TinyPolicy.Sizes with { Views = 2 },
            recipe with { ImageSize = 96 }));
        two.Run(Path.Combine(_folder, "two"));
        Assert.Equal((96, 2), (two.Policy.Policy.Options.ImageSize, two.Policy.Policy.Options.Fusion.Views));
        var (plain, varied) = (TinyPolicy.Trainer(recipe), TinyPolicy.Trainer(recipe with { Variation = SceneVariation.Varied }));
        plain.Run(Path.Combine(_folder, "plain"));
        varied.Run(Path.Combine(_folder, "varied"));
        Assert.NotEqual(TinyPolicy.Weights(plain), TinyPolicy.Weights(varied));
        Assert.Throws<ArgumentException>(() => TinyPolicy.Trainer(recipe with { Control = PolicyControl.OtherInstruction }));
    }

    [Fact]
    public void The_log_has_the_instruction_effect_at_the_first_and_the_last_step_and_none_of_words_that_are_kept_back()
    {
        var recipe = Recipe with { Steps = 3, Tasks = ["pick"] };
        TinyPolicy.Trainer(recipe).Run(Path.Combine(_folder, "words"));
        TinyPolicy.Trainer(recipe with { Control = PolicyControl.NoLanguage }).Run(Path.Combine(_folder, "none"));
        var (words, none) = (Effect("words"), Effect("none"));
        Assert.True(words[0] > 0 && double.IsNaN(words[1]) && words[2] > 0, string.Join(' ', words));
        Assert.Equal([0, double.NaN, 0], none);

        double[] Effect(string run) => LossLog.Read(Path.Combine(_folder, run, TrainingLoop.LogName))[InstructionEffect.EffectName];
    }

    [Fact]
    public void Shuffled_instructions_are_another_scenes_words()
    {
        var recipe = Recipe with { Steps = 2 };
        var (own, shuffled) = (TinyPolicy.Trainer(recipe), TinyPolicy.Trainer(recipe with
        {
            Control = PolicyControl.ShuffledInstruction,
        }));
        own.Run(Path.Combine(_folder, "own"));
        shuffled.Run(Path.Combine(_folder, "shuffled"));
        Assert.NotEqual(TinyPolicy.Weights(own), TinyPolicy.Weights(shuffled));
    }

    [Fact]
    public void Names_that_do_not_exist_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TinyPolicy.Trainer(Recipe with { Tasks = ["juggle"] }));
        Assert.Throws<ArgumentException>(() => TinyPolicy.Trainer(Recipe, "telepathy"));
    }

    [Fact]
    public void A_number_outside_its_range_is_refused_by_name()
    {
        foreach (var (recipe, name) in ((TabletopRecipe, string)[])
        [
            (Recipe with { LearningRate = double.NaN }, "LearningRate"),
                (Recipe with { LearningRate = double.PositiveInfinity }, "LearningRate"),
            (Recipe with { LearningRate = -1e-3 }, "LearningRate"), (Recipe with { LearningRate = 1e39 }, "LearningRate"),
                (Recipe with { Steps = 0 }, "Steps"),
            (Recipe with { Scenes = 0 }, "Scenes"), (Recipe with { Instructions = 0 }, "instructions"),
                (Recipe with { Tasks = [] }, "task"),
            (Recipe with { Levers = new RecipeLevers { CueWeight = float.NaN } }, "CueWeight"),
                (Recipe with { Levers = new RecipeLevers { CueWeight = -1 } }, "CueWeight"),
            (Recipe with { Levers = new RecipeLevers { PartialNames = float.NaN } }, "partial names"),
                (Recipe with { Levers = new RecipeLevers { UnnamedColors = 1.5f } }, "unnamed colours"),
            (Recipe with { Levers = new RecipeLevers { ShapeLessons = -0.5f } }, "shape lessons"),
        ])
            Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => TinyPolicy.Trainer(recipe)).Message, StringComparison.Ordinal);
        foreach (var weight in (float[])[float.NaN, float.PositiveInfinity, -1])
        {
            Assert.Contains("Action must be", Assert.Throws<ArgumentException>(() =>
                new TabletopTeacher(TinyPolicy.Untrained(), new DistillationOptions(Action: weight))).Message);
            Assert.Contains("Feature must be", Assert.Throws<ArgumentException>(() =>
                new TabletopTeacher(TinyPolicy.Untrained(), new DistillationOptions(Feature: weight))).Message);
            Assert.Contains("Attention must be", Assert.Throws<ArgumentException>(() =>
                new TabletopTeacher(TinyPolicy.Untrained(), new DistillationOptions(Attention: weight))).Message);
        }
    }

    [Fact]
    public void Small_scenes_become_rare_over_the_first_third()
    {
        var recipe = new TabletopRecipe { Steps = 1000 };
        Assert.Equal(0.8f, recipe.SmallSceneShare(0), 1e-6f);
        Assert.Equal(0.425f, recipe.SmallSceneShare(150), 1e-3f);
        Assert.Equal(0.05f, recipe.SmallSceneShare(300), 1e-6f);
        Assert.Equal(0.05f, recipe.SmallSceneShare(999), 1e-6f);
    }
}
