using CrossModal.Data;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Imitation;

/// <summary>How far a policy's actions are from recorded ones, beside always doing the mean action.</summary>
/// <param name="Steps">Number of steps compared.</param>
/// <param name="Policy">Root mean square error of each dimension, in the unit of the recording.</param>
/// <param name="Mean">The same of the mean action of the training episodes.</param>
/// <param name="Normalized">Mean squared error of the policy over all dimensions, each divided by its variance in training.</param>
/// <param name="NormalizedMean">The same of the mean action; about 1.</param>
public sealed record ActionError(int Steps, IReadOnlyList<double> Policy, IReadOnlyList<double> Mean, double Normalized, double NormalizedMean)
{
    /// <summary>The policy's error over that of the mean action: below 1 is better than the mean.</summary>
    public double Ratio => Normalized / NormalizedMean;

    /// <summary>Measures on episodes, step by step, off-line.</summary>
    /// <exception cref="ShapeException">The episodes do not have the policy's numbers of actions or states, or an instruction is too long.</exception>
    public static ActionError Measure(TrainedPolicy trained, IReadOnlyList<Episode> episodes, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(episodes);
        var dimensions = trained.Policy.Options.Actions;
        var (policy, mean) = (new double[dimensions], new double[dimensions]);
        var steps = 0;
        var decided = new float[dimensions];
        foreach (var episode in episodes)
        {
            using var pass = Pass.Evaluation(workers: workers);
            var output = trained.Decide(Inputs(trained, episode, pass), pass);
            for (var t = 0; t < episode.Steps; t++, steps++)
            {
                trained.Actions.Undo(output.Action.Span.Slice(t * dimensions, dimensions), decided);
                for (var d = 0; d < dimensions; d++)
                {
                    policy[d] += Math.Pow(decided[d] - episode.Actions[t][d], 2);
                    mean[d] += Math.Pow(trained.Actions.Mean[d] - episode.Actions[t][d], 2);
                }
            }
        }

        return new ActionError(steps, Array.ConvertAll(policy, s => Math.Sqrt(s / steps)), Array.ConvertAll(mean, s => Math.Sqrt(s / steps)), Normalize(policy), Normalize(mean));

        double Normalize(double[] sums) => sums.Select((s, d) => s / steps / Math.Pow(trained.Actions.Deviation[d], 2)).Average();
    }

    /// <summary>All steps of an episode as one batch.</summary>
    public static PolicyInput Inputs(TrainedPolicy trained, Episode episode, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(episode);
        ArgumentNullException.ThrowIfNull(pass);
        var options = trained.Policy.Options;
        if (episode.Actions[0].Length != options.Actions) throw new ShapeException(episode.Name, $"has {episode.Actions[0].Length} numbers an action, the policy {options.Actions}");
        if ((episode.States?[0].Length ?? 0) != options.Proprioception) throw new ShapeException(episode.Name, $"has {episode.States?[0].Length ?? 0} numbers a state, the policy {options.Proprioception}");
        var images = pass.Rent([episode.Steps, 3, options.ImageSize, options.ImageSize]);
        var states = episode.States is null ? null : pass.Rent([episode.Steps, options.Proprioception]);
        for (var t = 0; t < episode.Steps; t++)
        {
            RecordedData.Fill(episode.Frames[t], options.ImageSize, images.Span[(t * 3 * options.ImageSize * options.ImageSize)..]);
            if (states is not null) trained.States!.Apply(episode.States![t], states.Span[(t * options.Proprioception)..]);
        }

        var (ids, mask) = trained.Tokenizer.EncodeBatch([.. Enumerable.Repeat(episode.Instruction, episode.Steps)], options.MaxWords);
        return new PolicyInput(images, ids, mask, states);
    }
}
