using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

/// <summary>Numbers that would turn every weight into NaN are refused where they are given, by name.</summary>
public sealed class RefusedNumbersTests
{
    private readonly Bag _model = new(("w", Tensor.Full([9], 1)));

    /// <summary>No number, infinite, infinite in single precision, negative.</summary>
    public static TheoryData<double> Wrong => [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e39, -1e-3];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Optimisers_name_the_number_they_refuse(double wrong)
    {
        var groups = ParameterGroups.All(_model);
        Refused("Sgd: the learning rate", () => new Sgd(groups, wrong));
        Refused("Adam: the learning rate", () => new Adam(groups, wrong));
        Refused("AdamW: the learning rate", () => new AdamW(groups, wrong));
        Refused("Sgd: the momentum", () => new Sgd(groups, 0.1, wrong));
        foreach (var make in (Func<double, double, double, Optimizer>[])
            [(beta1, beta2, epsilon) => new Adam(groups, 1, beta1, beta2, epsilon), (beta1, beta2, epsilon) =>
                new AdamW(groups, 1, beta1, beta2, epsilon)])
        {
            Refused("betas", () => make(wrong, 0.9, 0));
            Refused("betas", () => make(0.9, wrong, 0));
            Refused("epsilon", () => make(0.9, 0.9, wrong));
        }

        Refused("the weight decay", () => new AdamW(ParameterGroups.All(_model, wrong)));
        Refused("the weight decay", () => new Sgd([new ParameterGroup([.. _model.Parameters()], wrong)], 0.1));
        Refused("the learning rate factor", () => new Sgd([new ParameterGroup([.. _model.Parameters()], LearningRateFactor: wrong)], 0.1));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_step_refuses_a_wrong_factor_and_leaves_the_weights(double wrong)
    {
        using var gradients = GivenGradients.Of((_model["w"], Tensor.Full([9], 1)));
        Refused("the factor of the learning rate", () => new Sgd(ParameterGroups.All(_model), 0.1).Step(gradients, wrong));
        Assert.All(_model.AllNumbers(), w => Assert.Equal(1f, w));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    [InlineData(0)]
    public void Clipping_refuses_a_wrong_norm(double wrong)
    {
        using var gradients = GivenGradients.Of((_model["w"], Tensor.Full([9], 1)));
        Refused("the largest norm", () => GradientClipping.ClipNorm(gradients, wrong));
        Refused("ClipNorm must be positive and finite", () => Loop(new TrainingOptions { Steps = 1, ClipNorm = wrong }));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.1)]
    [InlineData(1)]
    public void Decays_and_shares_outside_their_range_are_refused(double wrong)
    {
        Refused("AverageDecay", () => Loop(new TrainingOptions { Steps = 1, AverageDecay = wrong }));
        Refused("the decay", () => new WeightAverage(_model, wrong));
        Refused("probability", () => FusionStrategies.Create("cross-attention", new FusionOptions(8) { Dropout = (float)wrong },
            new RandomSource(1)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.1)]
    public void A_cosine_of_a_wrong_number_of_waves_is_refused(double wrong) => Refused("cycles", () => Schedule.Cosine(0, 10, wrong));

    private TrainingLoop Loop(TrainingOptions options) =>
        new(_model, new Sgd(ParameterGroups.All(_model), 0.1), options, (pass, _) => _model["w"]);

    private static void Refused(string name, Func<object> make) => Refused(name, () => { make(); });

    private static void Refused(string name, Action act) => Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(act).Message);
}
