using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Data;

/// <summary>The control steps before a training sample: states from which the expert would have come to it.</summary>
/// <remarks>
/// Samples are random states, whose labels past frames must not change: so the state stays as it was drawn, and the hand goes back from it,
/// against the expert's command, with what it holds or pushes. The expert follows one of the sample's instructions, drawn anew for each: a
/// past that always followed the policy's own instruction would give the answer away (de Haan et al. 2019, causal confusion in imitation
/// learning). A fifth of the samples stands so near the start of its episode that frames are missing.
/// </remarks>
internal static class PastStates
{
    private const ulong Stream = 0x9A57;

    // A sample is one of the first steps of an episode of ten.
    private const int Steps = 10;
    private const float PushedWithin = 0.012f;
    private const int Iterations = 5;

    /// <summary>The states before a sample, newest first; fewer than asked for at the start of an episode.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="seed">Seed of the sample; what is drawn here comes from a stream of its own.</param>
    /// <param name="most">How many states are asked for.</param>
    public static IReadOnlyList<Scene> Before(TrainingSample sample, ulong seed, int most)
    {
        var random = new RandomSource(RandomSource.DeriveSeed(seed, Stream));
        var followed = sample.Instructions[random.NextInt(sample.Instructions.Length)];
        var there = Math.Min(most, random.NextInt(Steps));
        var (states, scene) = (new List<Scene>(there), sample.Scene);
        while (states.Count < there) states.Add(scene = Before(scene, followed));
        return states;
    }

    /// <summary>The state one control step before, under the expert of an instruction: the one whose command leads to this state, found by
    /// iteration, or nearly, where the expert never comes by.</summary>
    public static Scene Before(Scene scene, LabeledInstruction followed)
    {
        var before = scene;
        for (var i = 0; i < Iterations; i++) before = Back(scene, followed, followed.Task.Label(before, followed.Goal).Action);
        return before;
    }

    /// <summary>The state in which a command was given that led to another.</summary>
    private static Scene Back(Scene scene, LabeledInstruction followed, RobotAction action)
    {
        var hand = scene.Gripper;
        var tool = StateSampler.Reachable(new Point(hand.Tool.X - action.Dx, hand.Tool.Y - action.Dy, hand.Tool.Z - action.Dz));
        var objects = scene.Objects;
        if ((hand.Held >= 0 ? hand.Held : Pushed(scene, followed, action)) is >= 0 and var moved)
        {
            var (thing, held) = (objects[moved], hand.Held >= 0);
            var (place, limit) = (thing.Position, Board.HalfSide - thing.Radius);
            var (dx, dy, dz) = (tool.X - hand.Tool.X, tool.Y - hand.Tool.Y, held ? tool.Z - hand.Tool.Z : 0);
            var back = new Point(Math.Clamp(place.X + dx, -limit, limit), Math.Clamp(place.Y + dy, -limit, limit),
                MathF.Max(0, place.Z + dz));
            objects = objects.SetItem(moved, thing with { Position = back });

            // What stands on the board was not held any lower.
            if (held) tool = tool with { Z = hand.Tool.Z + (back.Z - place.Z) };
        }

        return new Scene(objects, hand with { Tool = tool });
    }

    /// <summary>The thing that the hand pushes by a command; −1 for none.</summary>
    private static int Pushed(Scene scene, LabeledInstruction followed, RobotAction action)
    {
        if (followed.Task.Grasps) return -1;
        var (hand, thing) = (scene.Gripper, scene.Objects[followed.Goal.Target]);
        var (dx, dy) = (thing.Position.X - hand.Tool.X, thing.Position.Y - hand.Tool.Y);
        var near = thing.Radius + 2 * Gripper.FingerRadius + PushedWithin;
        return hand.IsClosed && hand.Tool.Z < GraspExpert.CloseBelow && dx * dx + dy * dy < near * near
            && dx * action.Dx + dy * action.Dy > 0
            ? followed.Goal.Target : -1;
    }
}
