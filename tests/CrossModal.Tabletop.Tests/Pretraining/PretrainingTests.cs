using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Pretraining;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tests.Learning;

namespace CrossModal.Tabletop.Tests.Pretraining;

public sealed class PretrainingTests : IDisposable
{
    private static readonly PretrainingRecipe Recipe = new() { Steps = 12, Scenes = 6, Embedding = 8, Seed = 3, LearningRate = 5e-3 };
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Captions_name_things_from_left_to_right_in_words_the_reader_knows_and_no_held_out_pair()
    {
        var source = new CaptionSource(1, Split.Training);
        for (var i = 0; i < 300; i++)
        {
            var (scene, caption, named) = source.Draw(i);
            var words = caption.Split(' ');
            Assert.Equal(words.Length, named.Length);
            Assert.InRange(words.Length, 3, CrossModal.Tabletop.Language.Vocabulary.MostWords);
            Assert.DoesNotContain(WordTokenizer.UnknownId, TabletopPolicy.Tokenizer.Encode(caption));
            for (var w = 0; w < words.Length; w += 3)
                Assert.Equal($"the {scene.Objects[named[w]].Kind}", string.Join(' ', words[w..(w + 3)]));
            var across = named.Distinct().Select(o => scene.Objects[o].Position.X).ToArray();
            Assert.Equal(across.Order(), across);
            Assert.DoesNotContain(scene.Objects, o => HeldOutPairs.Contains(o.Kind));
        }

        Assert.Equal(source.Draw(7).Caption, new CaptionSource(1, Split.Training).Draw(7).Caption);
    }

    [Fact]
    public void Hidden_words_and_patches_are_those_asked_for_and_nothing_else_changes()
    {
        var batch = new PretrainingBatch(Model(), 8);
        var source = new CaptionSource(1, Split.Training);
        batch.Draw(source, i => i);
        var (images, words) = (batch.Images.ToArray(), batch.Words.ToArray());
        batch.HideWords(new RandomSource(1));
        batch.HidePatches(new RandomSource(2));
        var (halfImages, halfWords) = (images.Length / 2, words.Length / 2);
        Assert.Equal(images[..halfImages], batch.Images.ToArray()[..halfImages]);
        Assert.Equal(words[..halfWords], batch.Words.ToArray()[..halfWords]);
        for (var i = 0; i < halfWords; i++)
        {
            var (now, target) = (batch.Words.Span[halfWords + i], batch.WordTargets.Span[i]);
            if (target == PretrainingBatch.NotAsked) Assert.Equal(words[i], now);
            else Assert.Equal(words[i], target);
        }

        var most = batch.Words.Shape[1];
        for (var row = 0; row < 8; row++)
            Assert.Contains(batch.WordTargets.ToArray()[(row * most)..((row + 1) * most)], t => t != PretrainingBatch.NotAsked);

        // Painting the hidden patches back gives the image again.
        var (side, patch, perRow) = (64, batch.PatchTargets.Shape[2] / 3, 8);
        var patchSide = (int)Math.Sqrt(patch);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(batch.HiddenPatches, batch.PatchWeights.ToArray()[(i * 64)..((i + 1) * 64)].Sum());
            for (var p = 0; p < 64; p++)
                for (var v = 0; v < 3 * patch; v++)
                {
                    var (plane, y, x) = (v / patch, p / perRow * patchSide + v % patch / patchSide, p % perRow * patchSide + v % patchSide);
                    var at = ((i * 3 + plane) * side + y) * side + x;
                    Assert.Equal(images[at], batch.PatchTargets[i, p, v]);
                    Assert.Equal(batch.PatchWeights[i, p, 0] == 1 ? 0.5f : images[at], batch.Images.Span[halfImages + at]);
                }
        }
    }

    [Fact]
    public void Wrong_partners_are_the_similar_ones_and_never_a_scene_of_the_same_caption()
    {
        var pairs = new PairPlan(PretrainingObjectives.All, 4, 2);
        var masks = Tensor.Zeros([8, 1, 1, 2]);
        for (var i = 0; i < 8; i++) masks.Span[2 * i] = i;

        // Caption 0 is most like scene 3; scene 0 is most like caption 2; scenes 0 and 1 are called the same.
        float[] similarity = [9, 50, 1, 40, 9, 9, 9, 9, 40, 1, 9, 1, 1, 1, 1, 9];
        pairs.Draw(similarity, (i, j) => i == j || i + j == 1, masks, new RandomSource(1));
        var (texts, images) = (pairs.TextRows.ToArray(), pairs.ImageRows.ToArray());
        Assert.Equal([0, 1, 2, 3], texts[..4]);
        Assert.Equal([0, 1, 2, 3], images[..4]);
        Assert.Equal([0, 1, 2, 3], images[4..8]);
        Assert.Equal([0, 1, 2, 3], texts[8..12]);
        Assert.Equal((2, 3), (texts[4], images[8]));
        for (var i = 0; i < 4; i++)
        {
            Assert.NotEqual(i, texts[4 + i]);
            Assert.NotEqual(i, images[8 + i]);
        }

        Assert.DoesNotContain(texts[5], new float[] { 0, 1 });
        Assert.Equal([4, 5, 6, 7], texts[12..16]);
        Assert.Equal([0, 1, 2, 3], images[12..16]);
        Assert.Equal([0, 1, 2, 3], texts[16..]);
        Assert.Equal([4, 5, 6, 7], images[16..]);
        for (var i = 0; i < 20; i++) Assert.Equal(texts[i], pairs.Scores.Span[2 * i]);
    }

    [Theory]
    [InlineData(nameof(PretrainingObjectives.All), 0, "cross-attention")]
    [InlineData(nameof(PretrainingObjectives.All), 12, "perceiver")]
    [InlineData(nameof(PretrainingObjectives.Contrastive), 12, "concat-pooled")]
    [InlineData(nameof(PretrainingObjectives.Words), 0, "co-attention")]
    public void A_run_learns_and_one_that_was_stopped_ends_with_the_same_bits(string objectives, int queue, string strategy)
    {
        var recipe = Recipe with { Objectives = Enum.Parse<PretrainingObjectives>(objectives), Queue = queue };
        CaptionLossSource Make() => new(strategy, TinyPolicy.Sizes, recipe);
        var (whole, stopped, resumed) = (Make(), Make(), Make());
        var before = Weights(whole);
        using var watcher = new Watcher();
        new PolicyTrainer(whole).Run(Path.Combine(_folder, "whole"), watcher);
        Assert.True(watcher.Losses[^4..].Average() < watcher.Losses[..4].Average(), string.Join(' ', watcher.Losses));
        using var stop = new Watcher(stopAfter: 5);
        Assert.True(new PolicyTrainer(stopped).Run(Path.Combine(_folder, "parts"), stop, stop.Token).Cancelled);
        using var rest = new Watcher();
        new PolicyTrainer(resumed).Run(Path.Combine(_folder, "parts"), rest);
        Assert.Equal(watcher.Losses, [.. stop.Losses, .. rest.Losses]);
        Assert.Equal(Weights(whole), Weights(resumed));
        Assert.NotEqual(before, Weights(whole));
    }

    [Fact]
    public void A_policy_starts_from_pre_trained_parts_and_keeps_its_own_acting_part()
    {
        var pretrained = new PolicyTrainer(new CaptionLossSource("cross-attention", TinyPolicy.Sizes, Recipe with { Steps = 2 }));
        pretrained.Run(Path.Combine(_folder, "pretrained"));
        var trainer = TinyPolicy.Source(new TabletopRecipe { Seed = 9 });
        var before = trainer.Policy.Policy.Parameters().ToDictionary(p => p.Key, p => p.Value.ToArray());
        trainer.StartFrom(pretrained.Policy, "pretrained");
        var theirs = pretrained.Policy.Policy.Parameters().ToDictionary(p => p.Key, p => p.Value.ToArray());
        foreach (var (name, value) in trainer.Policy.Policy.Parameters())
            Assert.Equal(name.StartsWith("vision.", StringComparison.Ordinal) || name.StartsWith("language.", StringComparison.Ordinal)
                || name.StartsWith("fusion.", StringComparison.Ordinal) ? theirs[name] : before[name], value.ToArray());
        var other = TinyPolicy.Source(new TabletopRecipe(), "perceiver");
        var error = Assert.Throws<ShapeException>(() => other.StartFrom(pretrained.Policy, "pretrained"));
        Assert.Contains("'fusion.", error.Message, StringComparison.Ordinal);
        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_is_neither_trained_nor_averaged_and_a_model_frozen_in_part_is_pre_trained_in_the_rest()
    {
        var source = new CaptionLossSource("cross-attention", TinyPolicy.Sizes, Recipe with { Queue = 12 });
        source.Model.Freeze("policy.language");
        var language = Numbers("policy.language.");
        var vision = Numbers("policy.vision.");
        new PolicyTrainer(source).Run(_folder);
        Assert.Equal(language, Numbers("policy.language."));
        Assert.NotEqual(vision, Numbers("policy.vision."));

        // Every row is an embedding of length 1, not a mean of several.
        foreach (var rows in (CrossModal.Engine.Tensors.Tensor[])[source.Pretrained.Queue!.Texts, source.Pretrained.Queue.Images])
            for (var i = 0; i < 12; i++) Assert.Equal(1, rows.ToArray().AsSpan(i * 8, 8).ToArray().Sum(x => (double)x * x), 1e-5);

        float[] Numbers(string part) => [.. source.Model.Parameters().Where(p => p.Key.StartsWith(part, StringComparison.Ordinal))
            .SelectMany(p => p.Value.ToArray())];
    }

    [Fact]
    public void A_recipe_out_of_range_is_refused()
    {
        foreach (var (recipe, part) in ((PretrainingRecipe, string)[])
        [
            (Recipe with { Queue = 7 }, "multiple of 6"), (Recipe with { Scenes = 1 }, "at least 2 scenes"),
                (Recipe with { Embedding = 0 }, "embedding"),
            (Recipe with { Objectives = PretrainingObjectives.None }, "objective"),
                (Recipe with { Objectives = PretrainingObjectives.Words, Queue = 6 }, "contrastive"),
            (Recipe with { Steps = 0 }, "at least 1 step"), (Recipe with { Momentum = double.NaN }, "momentum"),
                (Recipe with { Momentum = 1 }, "momentum"),
            (Recipe with { LearningRate = double.NaN }, "learning rate"),
                (Recipe with { LearningRate = double.PositiveInfinity }, "learning rate"),
                (Recipe with { LearningRate = -1e-3 }, "learning rate"),
        ])
            Assert.Contains(part, Assert.Throws<ArgumentException>(() =>
                new CaptionLossSource("cross-attention", TinyPolicy.Sizes, recipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Alignment_of_random_weights_is_chance_and_does_not_depend_on_threads()
    {
        var model = Model();
        var one = CaptionAlignment.Measure(model, Split.S0, 50, workers: Workers.Single);
        var again = CaptionAlignment.Measure(model, Split.S0, 50);
        Assert.Equal((one.Cka, one.Geometry, one.Matching), (again.Cka, again.Geometry, again.Matching));
        Assert.Equal(one.TextToImage, again.TextToImage);
        Assert.Equal([0.02, 0.1, 0.2], one.TextToImage.Select(r => r.Chance));
        Assert.InRange(one.TextToImage[0].Recall, 0, 0.2);
        Assert.InRange(one.Matching.Rate, 0.3, 0.7);
        Assert.Throws<ArgumentException>(() => CaptionAlignment.Measure(model, Split.S0, 30));
    }

    private static PretrainingModel Model() => new CaptionLossSource("cross-attention", TinyPolicy.Sizes, Recipe).Pretrained;

    private static float[] Weights(CaptionLossSource source) => [.. source.Model.Parameters().SelectMany(p => p.Value.ToArray())];
}
