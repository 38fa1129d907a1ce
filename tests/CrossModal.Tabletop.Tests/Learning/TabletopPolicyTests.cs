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
    public void Commands_are_the_eager_decisions_on_inputs_encoded_as_in_training()
    {
        var trained = TinyPolicy.Untrained();
        using var policy = new TabletopPolicy(trained);
        TabletopObservation[] observations = [.. Enumerable.Range(0, 7)
            .Select(i => Observe(i, i % 2 == 0 ? "pick up the red cup" : "grab ball"))];

        // Seven episodes, then two that are left.
        foreach (var count in (int[])[7, 2])
        {
            var actions = new RobotAction[count];
            policy.Act(observations.AsSpan(0, count), actions);
            using var pass = Pass.Evaluation();
            var inputs = new PolicyInputs(count, count, trained.Policy.Options.ImageSize, PolicyControl.None, pass);
            for (var i = 0; i < count; i++)
            {
                inputs.SetImage(i, observations[i].Frame);
                inputs.SetText(i, observations[i].Instruction.Text);
                inputs.SetState(i, observations[i].Proprioception.Span);
            }

            var eager = trained.Policy.Forward(inputs.ToInput(trained.Tokenizer, trained.Policy.Options.MaxWords), pass);
            for (var i = 0; i < count; i++)
            {
                var expected = new RobotAction(eager.Action[i, 0] * RobotAction.MaxStep, eager.Action[i, 1] * RobotAction.MaxStep,
                    eager.Action[i, 2] * RobotAction.MaxStep, eager.Close![i, 0] > 0).Clipped();
                Assert.Equal(expected.Dx, actions[i].Dx, 1e-6f);
                Assert.Equal(expected.Dy, actions[i].Dy, 1e-6f);
                Assert.Equal(expected.Dz, actions[i].Dz, 1e-6f);
                Assert.Equal(expected.Close, actions[i].Close);
                Assert.Equal(eager.Points![i, 0] * Board.HalfSide, observations[i].Pointed.X, 1e-5f);
            }
        }
    }

    [Fact]
    public void States_are_metres_and_normalised_to_about_one()
    {
        var scene = Start(0);
        var state = Proprioception.Of(scene);
        Assert.Equal([scene.Gripper.Tool.X, scene.Gripper.Tool.Y, scene.Gripper.Tool.Z, scene.Gripper.Opening, 0], state);
        var normalized = new float[Proprioception.Length];
        TabletopSignature.States.Apply(state, normalized);
        var tool = Board.Normalize(scene.Gripper.Tool);
        Assert.Equal([tool.X, tool.Y, tool.Z, scene.Gripper.Opening / Gripper.MaxOpening, 0], normalized);
        Assert.Equal(["x", "y", "z", "opening", "holding"], TabletopSignature.Of(2).States.Select(s => s.Name));
        Assert.Equal(["front", "side"], TabletopSignature.Of(2).Cameras);
    }

    [Fact]
    public void Fresh_attention_lies_on_the_right_object_as_often_as_chance()
    {
        var found = WordGrounding.Measure(TinyPolicy.Untrained(), Pick, Split.S0, scenes: 20);
        Assert.Equal(["fusion.layers.0.cross_attn"], found.Select(g => g.Layer).Distinct());
        Assert.Equal([WordKind.Verb, WordKind.Color, WordKind.Shape], found.Select(g => g.Kind).Order());
        Assert.All(found, g => Assert.InRange(g.Lift, 0.5, 2));
        Assert.All(found, g => Assert.InRange(g.Area, 0.001, 0.2));
        Assert.Equal(found.Select(g => g.Mass),
            WordGrounding.Measure(TinyPolicy.Untrained(), Pick, Split.S0, scenes: 20).Select(g => g.Mass));
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

    private static TabletopObservation Observe(int scene, string text, int? felt = null)
    {
        var frame = new CameraFrame();
        new TabletopCamera().Render(Start(scene), frame);
        return new TabletopObservation([frame], Proprioception.Of(Start(felt ?? scene))) { Instruction = new Instruction(text) };
    }

    private static Scene Start(int scene) => Pick.Sample(Split.S0.SceneSeed(9, scene), Split.S0, SceneOptions.Full).Start;
}
