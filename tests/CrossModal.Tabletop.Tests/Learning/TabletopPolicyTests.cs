using CrossModal.Engine.Recording;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Learning;

public sealed class TabletopPolicyTests
{
    private static readonly RobotTask Pick = RobotTasks.Find("pick");

    [Fact]
    public void Without_language_the_words_change_nothing()
    {
        Assert.Equal(Decide(PolicyControl.NoLanguage, 0, "pick up the red cup"), Decide(PolicyControl.NoLanguage, 0, "grab the blue ball"));
        Assert.NotEqual(Decide(PolicyControl.None, 0, "pick up the red cup"), Decide(PolicyControl.None, 0, "grab the blue ball"));
        Assert.NotEqual(Decide(PolicyControl.NoLanguage, 0, "lift the cube"), Decide(PolicyControl.NoLanguage, 1, "lift the cube"));
    }

    [Fact]
    public void Without_vision_the_picture_changes_nothing()
    {
        Assert.Equal(Decide(PolicyControl.NoVision, 0, "lift the cube"), Decide(PolicyControl.NoVision, 1, "lift the cube"));
        Assert.NotEqual(Decide(PolicyControl.None, 0, "lift the cube"), Decide(PolicyControl.None, 1, "lift the cube"));
        Assert.NotEqual(Decide(PolicyControl.NoVision, 0, "lift the cube"), Decide(PolicyControl.NoVision, 0, "lift the red ball"));
    }

    [Fact]
    public void Inputs_are_red_green_and_blue_planes_from_0_to_1_words_by_number_and_what_is_felt()
    {
        using var pass = Pass.Evaluation();
        var (trained, one, two) = (TinyPolicy.Untrained(), Observe(0, "pick up the red cup"), Observe(1, "grab ball"));
        var input = new TabletopPolicy(trained).Inputs([one, two], pass);
        for (var i = 0; i < 2; i++)
        for (var row = 0; row < 64; row += 7)
        for (var column = 0; column < 64; column += 5)
        for (var channel = 0; channel < 3; channel++)
            Assert.Equal((i == 0 ? one : two).Frame.Rgb[(row * 64 + column) * 3 + channel] / 255f, input.Images[i, channel, row, column], 1e-6f);
        Assert.True(input.Images.Span.IndexOfAnyExceptInRange(0f, 1f) < 0);

        // Word numbers: 0 is padding, 1 unknown, and the vocabulary's first word has number 2.
        Assert.Equal(Vocabulary.Split("pick up the red cup").Select(Number), input.Words.Span[..5].ToArray());
        Assert.Equal([Number("grab"), Number("ball"), 0, 0, 0], input.Words.Span[5..].ToArray());
        static float Number(string word) => Vocabulary.Words.IndexOf(word) + 2;
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat(float.NegativeInfinity, 3)], input.Mask.Scores.ToArray());
        Assert.Equal([.. one.Proprioception.Span, .. two.Proprioception.Span], input.Proprioception!.ToArray());
        Assert.NotEqual(one.Proprioception.ToArray(), two.Proprioception.ToArray());
    }

    [Fact]
    public void Controls_take_away_the_picture_or_the_words_and_nothing_else()
    {
        using var pass = Pass.Evaluation();
        var (trained, seen) = (TinyPolicy.Untrained(), Observe(0, "pick up the red cup"));
        var plain = new TabletopPolicy(trained).Inputs([seen], pass);
        var mute = new TabletopPolicy(trained, PolicyControl.NoLanguage).Inputs([seen], pass);
        var blind = new TabletopPolicy(trained, PolicyControl.NoVision).Inputs([seen], pass);
        Assert.Equal([1f], mute.Words.ToArray());
        Assert.Equal(plain.Images.ToArray(), mute.Images.ToArray());
        Assert.Equal(new float[plain.Images.Shape.Length], blind.Images.ToArray());
        Assert.Equal(plain.Words.ToArray(), blind.Words.ToArray());
        Assert.Equal(plain.Proprioception!.ToArray(), blind.Proprioception!.ToArray());
    }

    [Fact]
    public void Fresh_attention_looks_at_the_right_object_as_often_as_chance()
    {
        var found = WordGrounding.Measure(TinyPolicy.Untrained(), Pick, Split.S0, scenes: 20);
        Assert.Equal(["fusion.layers.0.cross_attn"], found.Select(g => g.Layer).Distinct());
        Assert.Equal([WordKind.Verb, WordKind.Color, WordKind.Shape], found.Select(g => g.Kind).Order());
        Assert.All(found, g => Assert.InRange(g.Lift, 0.5, 2));
        Assert.All(found, g => Assert.InRange(g.Area, 0.001, 0.2));
        Assert.Equal(found.Select(g => g.Mass), WordGrounding.Measure(TinyPolicy.Untrained(), Pick, Split.S0, scenes: 20).Select(g => g.Mass));
        Assert.Empty(WordGrounding.Measure(TinyPolicy.Untrained("concat-pooled"), Pick, Split.S0, scenes: 2));
    }

    private static RobotAction[] Decide(PolicyControl control, int scene, string text)
    {
        var actions = new RobotAction[1];

        // What is felt stays the same: only picture and words differ.
        var seen = Observe(scene, text, felt: 0);
        new TabletopPolicy(TinyPolicy.Untrained(), control).Act([seen], actions);
        return actions;
    }

    private static Observation Observe(int scene, string text, int? felt = null)
    {
        var frame = new CameraFrame();
        new TabletopCamera().Render(Start(scene), frame);
        var feelings = Proprioception.Of(Start(felt ?? scene));
        return new Observation([frame], feelings) { Instruction = new Instruction(text) };
    }

    private static Scene Start(int scene) => Pick.Sample(Split.S0.SceneSeed(9, scene), Split.S0, SceneOptions.Full).Start;
}
