using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Learning;

public sealed class ModalityAlignmentTests
{
    private const int Scenes = 8;

    [Fact]
    public void A_policy_that_has_learned_nothing_is_at_chance_on_both_sides_of_its_fusion()
    {
        var policy = new TabletopLossSource("cross-attention", new FusionOptions(16, Heads: 2), new TabletopRecipe { Steps = 1 }).Policy;
        var (before, after) = ModalityAlignment.Measure(policy, RobotTasks.Find("pick"), Split.S0, rounds: 4, Scenes,
            workers: Workers.Single);
        Assert.Equal((before, after), ModalityAlignment.Measure(policy, RobotTasks.Find("pick"), Split.S0, rounds: 4, Scenes,
            workers: Workers.Single));
        foreach (var side in new[] { before, after })
        {
            Assert.Equal(1.0 / Scenes, side.Chance, 12);
            Assert.InRange(side.Recall, 0, 0.45);
            Assert.InRange(side.Kernel, 0, 1);
            Assert.InRange(side.Gap, 0, 2);
        }
    }

    [Fact]
    public void Padding_changes_nothing_and_a_picture_that_is_missing_is_refused()
    {
        var policy = new LanguagePolicy(new PolicyOptions("cross-attention", new FusionOptions(16, Heads: 2), 40, 3) { MaxWords = 4 },
            new RandomSource(1));
        var images = Tensor.Normal([2, 3, 64, 64], new RandomSource(2));
        var (padded, second) = (Tensor.From([1, 2, 3, 4, 5, 6, 0, 0], [2, 4]),
            Tensor.From(images.ToArray()[(3 * 64 * 64)..], [1, 3, 64, 64]));
        using var pass = Pass.Evaluation();
        var both = PolicyRepresentation.Of(policy, new PolicyInput(images, padded, Mask.Lengths([4, 2], 4)), pass);
        var alone = PolicyRepresentation.Of(policy, new PolicyInput(second, Tensor.From([5, 6], [1, 2]), Mask.Lengths([2], 2)), pass);
        foreach (var (of, other) in new[] { (both.Language, alone.Language), (both.Vision, alone.Vision), (both.Fused, alone.Fused) })
        {
            Assert.Equal(2 * other.Shape.Length, of.Shape.Length);
            Assert.Equal(other.ToArray(), of.ToArray()[other.Shape.Length..], (x, y) => Math.Abs(x - y) < 1e-5f);
        }

        Assert.Throws<ShapeException>(() => PolicyRepresentation.Of(policy, new PolicyInput(second, padded, Mask.Lengths([4, 2], 4)),
            pass));
    }
}
