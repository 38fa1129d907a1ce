using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class PolicySizesTests
{
    [Theory]
    [InlineData(TokenReduction.Learner, 16_384)]
    [InlineData(TokenReduction.Resampler, 16_384)]
    [InlineData(TokenReduction.Conv, 1)]
    public void Visual_tokens_whose_weights_no_file_of_that_size_could_fill_are_refused(TokenReduction method, int count)
    {
        // A grid of 128 × 128 patches has room for as many tokens, so that only their weights speak against them.
        var error = Assert.Throws<ShapeException>(() => PolicySizes.Check(WithTokens(new VisualTokens(method, count)), weights: 60_000));
        Assert.StartsWith("visualTokens: ", error.Message);
        PolicySizes.Check(WithTokens(new VisualTokens(method, count)), weights: 100_000_000);
    }

    [Fact]
    public void Sizes_of_a_policy_fit_its_own_weights()
    {
        var options = WithTokens(new VisualTokens(TokenReduction.Pool, 4)) with { ImageSize = SmallPolicy.ImageSize };
        PolicySizes.Check(options, new LanguagePolicy(options, RandomSource.None).ParameterCount);
    }

    private static PolicyOptions WithTokens(VisualTokens tokens)
    {
        var options = SmallPolicy.Options();
        return options with { ImageSize = 1024, Fusion = options.Fusion with { Vision = new VisionOptions { Tokens = tokens } } };
    }
}
