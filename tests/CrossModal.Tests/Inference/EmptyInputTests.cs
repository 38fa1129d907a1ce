using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;
using CrossModal.Tests.Fusion;
using CrossModal.Tests.Policies;

namespace CrossModal.Tests.Inference;

/// <summary>A view without tokens and an instruction without words give what padding alone gives, in every strategy, eagerly and
/// compiled.</summary>
public sealed class EmptyInputTests
{
    private const int Width = 8, Batch = 2;
    private static readonly TokenGrid Grid = new(4, 4);

    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_as_padding_alone(string name) => Holds(name, new VisionOptions { Grid = Grid });

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_as_padding_alone_without_a_grid(string name) => Holds(name, new VisionOptions());

    [Theory]
    [InlineData("topk:2")]
    [InlineData("local:1")]
    [InlineData("block:1")]
    [InlineData("linear")]
    [InlineData("graph:1")]
    [InlineData("qknorm")]
    [InlineData("prune:3")]
    [InlineData("inverted")]
    public void In_every_way_to_attend(string attention)
    {
        foreach (var name in new[] { "cross-attention", "concat-tokens", "lxmert", "perceiver", "flamingo", "multi-view-joint" })
            Holds(name, new VisionOptions { Grid = Grid, Attention = AttentionVariant.Parse(attention) });
    }

    [Theory]
    [InlineData("pool:4")]
    [InlineData("conv:4")]
    [InlineData("learner:3")]
    [InlineData("merge:5")]
    [InlineData("resampler:3")]
    public void However_visual_tokens_are_made_fewer(string tokens)
    {
        foreach (var name in new[] { "cross-attention", "vilt", "q-former", "perceiver-io", "multi-view-mean", "concat-pooled" })
            Holds(name, new VisionOptions { Grid = Grid, Tokens = VisualTokens.Parse(tokens) });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_session_takes_instructions_and_views_that_come_and_go(string name)
    {
        var strategy = Create(name, new VisionOptions { Grid = Grid });
        var (words, view, nothing) = (Sessions.Random(Batch, 3, Width, 1), Sessions.Random(Batch, Grid.Count, Width, 2),
            Sessions.Random(Batch, 0, Width, 3));
        var session = InferenceSession.Compile(strategy, new FusionInput(words, view));
        foreach (var (said, seen) in new[] { (words, view), (nothing, view), (words, nothing), (nothing, nothing), (words, view) })
        {
            session.SetInstruction(said);
            Sessions.SameAsEager(session, strategy, new FusionInput(said, seen));
        }
    }

    [Fact]
    public void A_mask_of_nothing_is_nothing()
    {
        var strategy = Create("cross-attention", new VisionOptions());
        var empty = new Tokens(Tensor.Zeros([Batch, 0, Width]), Mask.KeyPadding(new bool[Batch, 0]));
        using var pass = Pass.Evaluation();
        var view = Sessions.Random(Batch, Grid.Count, Width, 2);
        Scene.Same(Scene.Fuse(strategy, new FusionInput(empty with { Mask = null }, view)),
            Scene.Fuse(strategy, new FusionInput(empty, view)));
        Assert.Equal([Batch, 1, Width], strategy.Forward(empty, view, pass).Fused.Values.Shape.Sizes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_policy_takes_an_order_without_words_as_one_of_padding(string name)
    {
        var policy = Scene.OpenGates(SmallPolicy.Create(name).Policy);
        var padded = SmallPolicy.Input(2, "red", "cup") with { Mask = Mask.KeyPadding(new bool[2, 1]) };
        var empty = padded with { Words = Tensor.Zeros([2, 0]), Mask = Mask.KeyPadding(new bool[2, 0]) };
        foreach (var (expected, found) in SmallPolicy.Decide(policy, padded).Zip(SmallPolicy.Decide(policy, empty)))
            Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    private static void Holds(string name, VisionOptions vision)
    {
        var strategy = Create(name, vision);
        var words = Sessions.Random(Batch, 3, Width, 1);
        Tokens first = Sessions.Random(Batch, Grid.Count, Width, 2), second = Sessions.Random(Batch, Grid.Count, Width, 3);
        var nothing = Sessions.Random(Batch, 0, Width, 4);
        var noWords = Sessions.Random(Batch, 3, Width, 5, Mask.KeyPadding(new bool[Batch, 3]));
        var noView = Sessions.Random(Batch, Grid.Count, Width, 6, Mask.KeyPadding(new bool[Batch, Grid.Count]));
        Agree(new FusionInput(words, [nothing, second]), new FusionInput(words, [noView, second]));
        Agree(new FusionInput(words, [first, nothing]), new FusionInput(words, [first, noView]));
        Agree(new FusionInput(words, [nothing, nothing]), new FusionInput(words, [noView, noView]));
        Agree(new FusionInput(nothing, [first, second]), new FusionInput(noWords, [first, second]));
        Agree(new FusionInput(nothing, [nothing, nothing]), new FusionInput(noWords, [noView, noView]));
        Agree(new FusionInput(words, [nothing, null]), new FusionInput(words, [noView, null]));

        void Agree(FusionInput empty, FusionInput padded)
        {
            if (vision.Attention?.Kind is AttentionKind.Prune or AttentionKind.Block && empty.Views.Count > 1)
                (empty, padded) = (One(empty), One(padded));
            var (found, expected) = (Mean(strategy, empty), Mean(strategy, padded));
            Assert.All(found.ToArray(), x => Assert.True(float.IsFinite(x)));
            Sessions.Close($"{name}, fused", expected, found, 1e-5);
            Sessions.SameAsEager(InferenceSession.Compile(strategy, empty), strategy, empty);
        }

        static FusionInput One(FusionInput input) => input with { Views = [input.Views[0]] };
    }

    private static Tensor Mean(FusionStrategy strategy, FusionInput input)
    {
        using var pass = Pass.Evaluation();
        var output = strategy.Forward(input, pass);
        foreach (var named in output.Named.Values) Assert.All(named.ToArray(), x => Assert.True(float.IsFinite(x)));
        return output.Fused.Mean(pass).Copy();
    }

    private static FusionStrategy Create(string name, VisionOptions vision) =>
        Scene.OpenGates(FusionStrategies.Create(name, new FusionOptions(Width, 2, 2) { Latents = 5, Views = 2, Vision = vision },
            new RandomSource(1)));
}
