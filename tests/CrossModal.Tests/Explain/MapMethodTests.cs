using CrossModal.Attention;
using CrossModal.Explain;
using CrossModal.Fusion;

namespace CrossModal.Tests.Explain;

public sealed class MapMethodTests
{
    public static TheoryData<string, string> MethodsAndStrategies
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var strategy in FusionStrategies.All.Where(s =>
                s.Attends == VisionAttention.Words && !FusionStrategies.Registered.Contains(s)))
                foreach (var method in MapMethods.All) data.Add(strategy.Name, method.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(MethodsAndStrategies))]
    public void Every_method_finds_the_patch_that_was_planted(string strategy, string name)
    {
        var method = MapMethods.Find(name);
        var map = Map(negative: false) ?? Map(negative: true)!;
        Assert.Equal(method.OfWords ? PlantedStrategy.Words : 1, map.Rows);
        for (var word = 0; word < map.Rows; word++)
        {
            var weights = map.Of(0, word);
            Assert.All(weights, w => Assert.True(float.IsFinite(w)));

            // Where patches are merged before words attend, the others of its square share the weight.
            Assert.True(weights[PlantedStrategy.Planted] >= weights.Max() * 0.999f,
                $"word {word}: {string.Join(' ', weights.Select(w => w.ToString("g4")))}");
            // A mask hides seven patches of ten: what they have in common lifts all patches.
            Assert.True(weights[PlantedStrategy.Planted] > (name == "masking" ? 1.05 : 1.2) * weights.Average(),
                $"word {word}: {string.Join(' ', weights.Select(w => w.ToString("g4")))}");
        }

        // Where the decision is read from a class token, what words fetch competes with what it fetches itself, and speaks against it.
        ExplanationMap? Map(bool negative)
        {
            try
            {
                return method.Compute(PlantedStrategy.Decision(strategy, target: ExplanationTarget.Dimension(0, negative)));
            }
            catch (NotSupportedException) when (!negative && method.Needs.HasFlag(MapNeeds.Gradients))
            {
                return null;
            }
        }
    }

    // What is hidden takes the mean colour: a decision that depends on the mean over patches alone keeps it, whatever random mask hides.
    private static readonly string[] ReadsTheMean =
    [
        "concat-pooled", "concat-side-by-side", "concat-fusion", "attention-fusion", "deepset-fusion", "cross-attention-reversed",
        "adaln-zero",
    ];

    // Planted vectors of CLIP and FILIP have one direction whatever the picture: scaled to unit length they carry nothing to find. Where
    // tokens are flattened, no weights are planted: each place has its own.
    public static TheoryData<string> ThatCarryWhatWasPlanted =>
        [.. FusionStrategies.All.Where(s => s.Attends != VisionAttention.Words
            && s.Name is not ("clip" or "late-interaction" or "concat-flattened")).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(ThatCarryWhatWasPlanted))]
    public void Methods_of_the_whole_decision_find_the_patch_also_where_no_word_attends_to_patches(string strategy)
    {
        foreach (var method in MapMethods.All.Where(m => !m.OfWords && (m is not MaskedImportance || !ReadsTheMean.Contains(strategy))))
        {
            var weights = method.Compute(PlantedStrategy.Decision(strategy)).Of(0, null);
            Assert.True(weights[PlantedStrategy.Planted] >= weights.Max() * 0.999f && weights[PlantedStrategy.Planted] > 1.05
                * weights.Average(), $"{method.Name}: {string.Join(' ', weights.Select(w => w.ToString("g4")))}");
        }
    }

    [Fact]
    public void Masking_with_ten_passes_hides_eight_patches_and_orders_those_by_what_changes()
    {
        var passes = 0;
        var decision = PlantedStrategy.Decision("cross-attention", counted: count => passes += count);
        passes = 0;
        var map = new GuidedMasking().Compute(decision).Of(0, null);
        Assert.Equal(1 + GuidedMasking.Hidden, passes);
        Assert.Equal(GuidedMasking.Hidden, map.Order().TakeLast(GuidedMasking.Hidden).Count(x => x > map.Order().First()));
        Assert.Equal(PlantedStrategy.Planted, Array.IndexOf(map, map.Max()));
    }

    public static TheoryData<string> WithoutWordMaps =>
        [.. FusionStrategies.All.Where(s => s.Attends != VisionAttention.Words).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(WithoutWordMaps))]
    public void A_strategy_without_attention_from_words_to_patches_is_refused_by_name(string strategy)
    {
        var decision = PlantedStrategy.Decision(strategy);
        foreach (var name in new[] { "raw", "gradient-albef", "norm" })
        {
            var message = Assert.Throws<NotSupportedException>(() => MapMethods.Find(name).Compute(decision)).Message;
            Assert.Contains(name, message, StringComparison.Ordinal);
            Assert.Contains($"'{strategy}'", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("relevance")]
    [InlineData("gradient-albef")]
    [InlineData("gradient-heads")]
    [InlineData("norm")]
    public void Where_patches_have_no_values_gradients_and_norms_are_refused_by_name(string name)
    {
        var decision = PlantedStrategy.Decision("cross-attention", new VisionOptions { Attention = AttentionVariant.Parse("prune:4") });
        Assert.Contains("of 4 of 16 keys", Assert.Throws<NotSupportedException>(() => MapMethods.Find(name).Compute(decision)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rollout_keeps_rows_that_sum_to_one()
    {
        var decision = PlantedStrategy.Decision("cross-attention");
        var map = new AttentionRollout().Compute(decision);

        // Two layers to vision, half of a word each time; the rest of its row stays with words.
        Assert.All(Enumerable.Range(0, 3), w => Assert.Equal(0.75, map.Of(0, w).Sum(), 1e-5));
    }

    [Fact]
    public void Weights_that_speak_for_the_decision_say_nothing_when_its_negative_is_asked_about()
    {
        // What is fetched is positive and adds to the decision: nothing speaks for less of it.
        var decision = PlantedStrategy.Decision("cross-attention-single", target: ExplanationTarget.Dimension(0, negative: true));
        Assert.Contains("nothing that speaks for the decision",
            Assert.Throws<NotSupportedException>(() => new GradientOfHeadsMap().Compute(decision)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gauss_Legendre_integrates_polynomials_of_degree_2n_minus_1_exactly()
    {
        for (var n = 1; n <= 50; n += 7)
        {
            var (nodes, weights) = IntegratedGradients.GaussLegendre(n);
            for (var degree = 0; degree <= Math.Min(2 * n - 1, 20); degree++)
                Assert.Equal(1.0 / (degree + 1), nodes.Zip(weights).Sum(p => p.Second * Math.Pow(p.First, degree)), 1e-12);
        }
    }

    [Fact]
    public void Integrated_gradients_add_up_to_the_difference_of_the_decisions()
    {
        var map = new IntegratedGradients().Compute(PlantedStrategy.Decision("cross-attention"));
        Assert.True(map.Residual < 0.02, $"residual {map.Residual}");
        Assert.True(map.Signed![0][PlantedStrategy.Planted] > 0);
        Assert.True(new IntegratedGradients(2).Compute(PlantedStrategy.Decision("cross-attention")).Residual > map.Residual);
    }

    [Fact]
    public void Masking_gives_the_same_map_for_the_same_seed_and_another_for_another()
    {
        float[] Map(ulong seed) => new MaskedImportance(20, seed: seed).Compute(PlantedStrategy.Decision("cross-attention")).Of(0, 0);
        Assert.Equal(Map(3), Map(3));
        Assert.NotEqual(Map(3), Map(4));
    }

    [Fact]
    public void A_method_of_another_name_is_refused_with_those_there_are() =>
        Assert.Contains("raw, rollout, relevance-published, relevance",
            Assert.Throws<ArgumentException>(() => MapMethods.Find("lime")).Message, StringComparison.Ordinal);
}
