using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class TrainedPolicyTests
{
    private static readonly PolicyInput Input = SmallPolicy.Input(1, "pick up red cup");

    [Theory]
    [InlineData("vision.stem", "action")]
    [InlineData("fusion.layers.0", "action")]
    [InlineData("actor", "action")]
    [InlineData("pointer", "action")]
    public void Weights_that_make_a_decision_overflow_are_named_with_their_file(string part, string what)
    {
        using var folder = new TemporaryFolder();
        var trained = SmallPolicy.Create();
        foreach (var (name, parameter) in trained.Policy.Parameters())
            if (name.StartsWith(part, StringComparison.Ordinal)) foreach (ref var weight in parameter.Span)
                weight = 1e30f * (weight + 0.5f);
        PolicyFolder.Save(folder.Path, trained);
        var loaded = PolicyFolder.Load(folder.Path);
        using var pass = Pass.Evaluation();
        var error = Assert.Throws<WeightOverflowException>(() => loaded.Decide(Input, pass));
        Assert.StartsWith($"{folder["model.safetensors"]}: the weights make numbers overflow: the {what} is not finite; the largest weight is ", error.Message);
        Assert.Contains($"in '{part}", error.Message);
        Assert.StartsWith("the policy: ", Assert.Throws<WeightOverflowException>(() => trained.Decide(Input, pass)).Message);
    }

    [Fact]
    public void Proprioception_that_overflows_is_blamed_itself()
    {
        using var pass = Pass.Evaluation();
        foreach (var huge in (float[])[3e38f, float.PositiveInfinity, float.NaN])
        {
            var felt = Tensor.Full([1, SmallPolicy.Proprioception], huge);
            Assert.StartsWith("proprioception: reaches ",
                Assert.Throws<ShapeException>(() => SmallPolicy.Create().Decide(Input with { Proprioception = felt }, pass)).Message);
        }
    }

    [Fact]
    public void A_finite_decision_is_that_of_the_policy()
    {
        var trained = SmallPolicy.Create();
        using var pass = Pass.Evaluation();
        Assert.Equal(trained.Policy.Forward(Input, pass).Action.ToArray(), trained.Decide(Input, pass).Action.ToArray());
    }
}
