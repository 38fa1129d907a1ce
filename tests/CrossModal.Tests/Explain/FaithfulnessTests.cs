using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Layers;

namespace CrossModal.Tests.Explain;

public sealed class FaithfulnessTests
{
    private static readonly TokenGrid Grid = new(4, 4);

    [Fact]
    public void A_map_of_what_the_decision_depends_on_is_faithful_and_the_reverse_is_not()
    {
        var test = new FaithfulnessTest(Weighted(), new FaithfulnessOptions { Fills = [PictureFillKind.Mean], Steps = 16 });
        var right = test.Measure(Map(i => i));
        Assert.Equal(FaithfulnessVerdict.Faithful, right.Verdict);
        // Taking away the heaviest of the weights 0 … 15 first leaves 120, 105, 91 … of 120.
        var left = Enumerable.Range(0, 17).Select(k => Enumerable.Range(0, 16 - k).Sum() / 120.0).ToArray();
        Assert.Equal((left.Sum() - 0.5) / 16, right.Deletion, 1e-3);
        Assert.Equal((left.Select((_, k) => 1 - left[16 - k]).Sum() - 0.5) / 16, right.Insertion, 1e-3);
        var wrong = test.Measure(Map(i => -i));
        Assert.Equal(FaithfulnessVerdict.NoBetterThanChance, wrong.Verdict);
        Assert.Equal(-right.Score, wrong.Score, 1e-9);
        Assert.InRange(right.Random.High, 0, right.Score);
        Assert.Equal(-right.Random.Low, right.Random.High, 1e-9);
    }

    [Fact]
    public void Areas_are_those_of_the_trapezoid_rule_under_hand_made_curves()
    {
        // With a mean fill, removing the k heaviest of patches that weigh 1 and 0 leaves a known share of the decision.
        var test = new FaithfulnessTest(Decision(Pictures(), patch => patch < 8 ? 1 : 0),
            new FaithfulnessOptions { Fills = [PictureFillKind.Mean], Steps = 4 });
        var found = Assert.Single(test.Measure(Map(i => -i)).Curves);
        Assert.Equal([1, 0.5, 0, 0, 0], found.MostRelevantFirst.Select(s => Math.Round(s, 3)));
        Assert.Equal([1, 1, 1, 0.5, 0], found.LeastRelevantFirst.Select(s => Math.Round(s, 3)));
        Assert.Equal((1 + 0.5 + 0 + 0 + 0 - 0.5) / 4, found.Deletion, 1e-3);
        Assert.Equal((1 + 1 + 1 + 0.5 - 0.5) / 4, found.Insertion, 1e-3);
    }

    [Fact]
    public void A_decision_that_hardly_depends_on_the_picture_gets_no_score()
    {
        var found = new FaithfulnessTest(Decision(Pictures(), _ => 0)).Measure(Map(i => i));
        Assert.Equal(FaithfulnessVerdict.EffectBelowNoise, found.Verdict);
        Assert.True(double.IsNaN(found.Score));
        Assert.StartsWith("effect below noise", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_says_the_same_of_all_patches_is_no_better_than_chance() =>
        Assert.Equal(FaithfulnessVerdict.NoBetterThanChance, new FaithfulnessTest(Weighted()).Measure(new float[16]).Verdict);

    [Fact]
    public void Perturbed_pictures_can_be_kept_and_differ_where_patches_were_taken_away()
    {
        var kept = new List<PerturbedPicture>();
        var decision = Weighted();
        new FaithfulnessTest(decision, new FaithfulnessOptions { Steps = 4, RandomMaps = 1, GaussianMaps = 1, Keep = kept.Add })
            .Measure(Map(i => i));
        Assert.Equal(3 * 2 * 3, kept.Count);
        foreach (var picture in kept)
        {
            var changed = Enumerable.Range(0, 16).Where(patch => Enumerable.Range(0, 16)
                .Any(pixel => Differs(picture.Pictures, patch, pixel))).ToArray();
            int[] removed = [.. picture.MostRelevantFirst ? Enumerable.Range(16 - picture.Removed, picture.Removed)
                : Enumerable.Range(0, picture.Removed)];
            Assert.Equal(removed, changed);
            Assert.All(picture.Pictures.ToArray(), x => Assert.Equal(MathF.Round(255 * x), 255 * x, 1e-3f));
        }

        bool Differs(Tensor other, int patch, int pixel)
        {
            var (y, x) = (patch / 4 * 4 + pixel / 4, patch % 4 * 4 + pixel % 4);
            return Math.Abs(other[0, 0, y, x] - decision.Pictures[0, 0, y, x]) > 1e-3;
        }
    }

    [Fact]
    public void Interpolation_continues_a_slope_across_what_was_taken_away()
    {
        // A linear ramp solves the equations of the interpolation, whatever patch is missing from its inside.
        var ramp = Tensor.Zeros([1, 3, 16, 16]);
        for (var i = 0; i < ramp.Shape.Length; i++) ramp.Span[i] = i % 16 / 16f;
        var removed = new bool[16];
        removed[5] = removed[6] = true;
        var filled = PictureFill.Fill(ramp, removed, Grid, null, new RandomSource(1));
        var errors = filled.Zip(ramp.ToArray(), (a, b) => Math.Abs(a - b)).ToArray();
        Assert.True(errors.Max() < 0.06, $"{errors.Max()}");
        Assert.Equal(2 * 16 * 3, errors.Count(e => e != 0));
    }

    [Fact]
    public void Ranks_of_equals_are_their_mean()
    {
        Assert.Equal(1, RankCorrelation.Of([1, 2, 3, 10], [0, 5, 6, 7]), 1e-12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 3], [3, 2, 1]), 1e-12);

        // Ranks 0.5 0.5 2 against 0 1 2: covariance 1.5, variances 1.5 and 2.
        Assert.Equal(1.5 / Math.Sqrt(1.5 * 2), RankCorrelation.Of([1, 1, 2], [1, 2, 3]), 1e-12);
        Assert.Equal(0, RankCorrelation.Of([1, 1], [1, 2]));
    }

    [Fact]
    public void Randomising_weights_changes_a_map_that_depends_on_them_and_gives_the_weights_back()
    {
        var network = new Perceptron([16, 16, 16], new RandomSource(5));
        var before = network.Parameters().Select(p => p.Value.ToArray()).ToArray();
        var input = Tensor.Normal([1, 16], new RandomSource(6));
        var stages = WeightRandomization.Measure(network, () =>
        {
            using var pass = CrossModal.Engine.Recording.Pass.Evaluation();
            return network.Forward(input, pass).ToArray();
        }, Grid);
        Assert.Equal(2, stages.Count);
        Assert.All(stages, s => Assert.InRange(s.Correlation, 0, 0.9));
        Assert.All(WeightRandomization.Measure(network, () => [1, 2, 3], new TokenGrid(1, 3)), s =>
        {
            Assert.Equal(1, s.Correlation, 1e-12);
            Assert.Equal(1, s.Similarity, 1e-12);
        });
        Assert.Equal(before, network.Parameters().Select(p => p.Value.ToArray()));
    }

    [Fact]
    public void The_similarity_of_maps_is_that_of_windows_of_three_patches()
    {
        float[] map = [0, 1, 2, 3, 4, 5, 6, 7, 8];
        Assert.Equal(1, MapSimilarity.Of(map, [.. map.Select(x => 3 * x + 1)], new TokenGrid(3, 3)), 1e-12);

        // Turned round: means 1/2, variances 5/48, covariance −5/48.
        const double Variance = 5.0 / 48, Contrast = 0.0009;
        Assert.Equal((Contrast - 2 * Variance) / (2 * Variance + Contrast), MapSimilarity.Of(map, [.. map.Reverse()],
            new TokenGrid(3, 3)), 1e-6);
        Assert.Throws<ArgumentException>(() => MapSimilarity.Of(map, map, new TokenGrid(2, 2)));
    }

    /// <summary>A decision that is the sum of squared brightness, patch i weighing i.</summary>
    private static ExplainedDecision Weighted() => Decision(Pictures(), patch => patch);

    private static ExplainedDecision Decision(Tensor pictures, Func<int, float> weight)
    {
        var weights = Tensor.Zeros([1, 3, 16, 16]);
        for (var i = 0; i < weights.Shape.Length; i++) weights.Span[i] = weight(i / 16 % 16 / 4 * 4 + i % 16 / 4) / 768;
        return new ExplainedDecision("sum", (x, pass) =>
            pass.Sum(pass.Reshape(pass.Multiply(pass.Multiply(x, x), weights), [x.Shape[0], 768]), axis: 1, keepAxis: true), pictures,
            ExplanationTarget.Dimension(0), new DecisionSizes(1, Grid, 1), _ => null);
    }

    /// <summary>Every patch half bright and half dark: taking one away lowers the mean square of it, and leaves the mean.</summary>
    private static Tensor Pictures()
    {
        var pictures = Tensor.Full([1, 3, 16, 16], 1);
        for (var i = 0; i < pictures.Shape.Length; i++)
            if (i / 16 % 4 < 2) pictures.Span[i] = 0.2f;
        return pictures;
    }

    private static float[] Map(Func<int, float> of) => [.. Enumerable.Range(0, 16).Select(of)];
}
