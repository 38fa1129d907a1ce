using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Models;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Learning;

/// <summary>A trained policy at work on the tabletop: every step it looks, reads and moves.</summary>
/// <param name="trained">The policy, trained on the tabletop.</param>
/// <param name="control">What is kept from it.</param>
/// <param name="workers">Threads for kernels; one when null.</param>
/// <exception cref="ArgumentException">The policy was not made for the tabletop.</exception>
public sealed class TabletopPolicy(TrainedPolicy trained, PolicyControl control = PolicyControl.None, Workers? workers = null) : IPolicy
{
    private const int Moves = 3;
    private readonly Workers _workers = workers ?? Workers.Single;
    private readonly TrainedPolicy _trained = Fitting(trained);

    /// <summary>The tokenizer of the benchmark's words.</summary>
    public static WordTokenizer Tokenizer { get; } = new(Vocabulary.Words);

    /// <inheritdoc/>
    public bool UsesCamera => control != PolicyControl.NoVision;

    /// <inheritdoc/>
    public Pointing Pointing => _trained.Policy.Options.Head.Points == 1 ? Pointing.Heading : Pointing.Thing;

    /// <inheritdoc/>
    /// <exception cref="Layers.WeightOverflowException">The policy's weights make numbers overflow.</exception>
    public void Act(ReadOnlySpan<Observation> observations, Span<RobotAction> actions)
    {
        using var pass = Pass.Evaluation(workers: _workers);
        var decided = _trained.Decide(Inputs(observations, pass), pass);
        var (moves, close, points) = (decided.Action, decided.Close!, decided.Points!);
        for (var i = 0; i < observations.Length; i++)
        {
            actions[i] = new RobotAction(moves[i, 0] * RobotAction.MaxStep, moves[i, 1] * RobotAction.MaxStep, moves[i, 2] * RobotAction.MaxStep, close[i, 0] > 0)
                .Clipped();
            observations[i].Pointed = Board.Denormalize(new Point(points[i, 0], points[i, 1], points[i, 2]));
        }
    }

    /// <summary>The inputs of a batch of observations.</summary>
    internal PolicyInput Inputs(ReadOnlySpan<Observation> observations, Pass pass)
    {
        var options = _trained.Policy.Options;
        var batch = new PolicyBatch(observations.Length, observations.Length, options.ImageSize, control, pass, options.Fusion.Views);
        for (var i = 0; i < observations.Length; i++)
        {
            for (var view = 0; view < options.Fusion.Views; view++) batch.SetImage(i, observations[i].Frames[view], view);
            batch.SetText(i, observations[i].Instruction.Text);
            observations[i].Proprioception.Span.CopyTo(batch.Feelings(i));
        }

        return batch.ToInput(_trained.Tokenizer, options.MaxWords);
    }

    private static TrainedPolicy Fitting(TrainedPolicy trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        var options = trained.Policy.Options;
        return options is { Head.Points: > 0, Actions: Moves, Proprioception: Proprioception.Length, ImageSize: >= CameraFrame.LeastSize and <= CameraFrame.MostSize }
            && options.Fusion.Views <= CameraRig.MostViews
            ? trained
            : throw new ArgumentException($"TabletopPolicy: a policy trained on {trained.Source} with {options.Actions} actions, {options.Proprioception} numbers of proprioception and pictures of {options.ImageSize} pixels from {options.Fusion.Views} cameras{(options.Head.Points > 0 ? "" : " that does not point")} cannot act on the tabletop", nameof(trained));
    }
}
