using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Tests.Inference;

namespace CrossModal.Tests.Fusion.Strategies;

/// <summary>Every choice of what latents start from, attend to and are read by: what holds for a strategy holds for it.</summary>
public sealed class LatentOptionsTests
{
    private static readonly LatentOptions[] Choices =
    [
        new(), new() { Wider = 2 }, new() { Scale = 1 }, new() { Start = LatentStart.Words }, new() { WordsFirst = true },
        new() { Readout = LatentReadout.MeanWord }, new() { Readout = LatentReadout.Words },
        new() { Wider = 3, Start = LatentStart.Words, WordsFirst = true, Readout = LatentReadout.Words },
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Choices.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void What_stands_in_the_padding_changes_nothing(int choice)
    {
        var strategy = Create(Choices[choice]);
        Scene.Same(Scene.Fuse(strategy, new Scene { Garbage = 100 }.Input()), Scene.Fuse(strategy, new Scene { Garbage = 200 }.Input()));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Every_parameter_reaches_the_result(int choice)
    {
        var strategy = Create(Choices[choice]);
        using var pass = Pass.Recording();
        var fused = strategy.Forward(new Scene().Input(), pass).Fused.Values;
        Assert.Equal(Scene.Width, fused.Shape[2]);
        using var gradients = pass.Backward(pass.Sum(pass.Square(fused)));
        Assert.Empty(strategy.Parameters().Where(p => !gradients.TryGet(p.Value, out _)).Select(p => p.Key));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_session_computes_what_the_strategy_does(int choice)
    {
        var (strategy, input) = (Create(Choices[choice]), new Scene().Input());
        Sessions.SameAsEager(InferenceSession.Compile(strategy, input), strategy, input);
    }

    [Fact]
    public void The_usual_choice_is_no_choice()
    {
        var (usual, none) = (Create(new LatentOptions()), Create(null));
        Scene.Same(Scene.Fuse(usual, new Scene().Input()), Scene.Fuse(none, new Scene().Input()));
    }

    [Fact]
    public void The_strategy_of_that_name_starts_from_the_words_and_keeps_every_other_choice()
    {
        foreach (var rest in (LatentOptions[])[new(), new() { Readout = LatentReadout.Words }])
        {
            var (named, chosen) = (Create(rest, strategy: "perceiver-from-words"), Create(rest with { Start = LatentStart.Words }));
            Scene.Same(Scene.Fuse(named, new Scene().Input()), Scene.Fuse(chosen, new Scene().Input()));
            Assert.Contains(named.Parameters(), p => p.Key == "start.weight");
        }
    }

    [Fact]
    public void Latents_that_start_from_the_words_depend_on_them_before_the_first_round()
    {
        var strategy = Create(new LatentOptions { Start = LatentStart.Words }, rounds: 0);
        var (first, second) = (new Scene().Input(), new Scene
        {
            RealWords = Scene.Real(Scene.Words, (_, _) => true, (_, i) =>
            i < 2)
        }.Input());
        Assert.NotEqual(Scene.Fuse(strategy, first)["fused"].ToArray(), Scene.Fuse(strategy, second)["fused"].ToArray());
        var learned = Create(new LatentOptions(), rounds: 0);
        Assert.Equal(Scene.Fuse(learned, first)["fused"].ToArray(), Scene.Fuse(learned, second)["fused"].ToArray());
    }

    private static FusionStrategy Create(LatentOptions? choice, int rounds = Scene.Layers, string strategy = "perceiver") =>
        FusionStrategies.Create(strategy, new FusionOptions(Scene.Width, Scene.Heads, rounds) { Latents = Scene.Latents, LatentChoice = choice }, new RandomSource(1));
}
