using System.Runtime.InteropServices;
using CrossModal.Data;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Imitation;

/// <summary>How far a policy's actions are from recorded ones, beside always doing the mean action.</summary>
/// <param name="Steps">Number of steps compared.</param>
/// <param name="Policy">Root mean square error of each dimension, in the unit of the recording.</param>
/// <param name="Mean">The same of the mean action of the training episodes.</param>
/// <param name="Normalized">Mean squared error of the policy over all dimensions, each divided by its variance in training.</param>
/// <param name="NormalizedMean">The same of the mean action; about 1.</param>
internal sealed record ActionError(int Steps, IReadOnlyList<double> Policy, IReadOnlyList<double> Mean, double Normalized,
    double NormalizedMean)
{
    // Steps that go through the policy at once, so that memory does not grow with the length of an episode.
    private const int StepsAtOnce = 32;

    /// <summary>The policy's error over that of the mean action: below 1 is better than the mean.</summary>
    public double Ratio => Normalized / NormalizedMean;

    /// <summary>The errors of single episodes.</summary>
    public required IReadOnlyList<EpisodeError> Episodes { get; init; }

    /// <summary>Between what ratios episodes of this kind are, with 95 %; null for fewer than two episodes.</summary>
    public RatioInterval? RatioInterval => RatioInterval.Of(Episodes);

    /// <summary>Measures on episodes, step by step, off-line; ranks share the episodes out, and each gets the whole result.</summary>
    /// <exception cref="ShapeException">The episodes do not have the policy's numbers of actions or states, or an instruction is too
    /// long.</exception>
    public static ActionError Measure(TrainedPolicy trained, IReadOnlyList<Episode> episodes, Workers? workers = null,
        TrainingRanks? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(episodes);
        var dimensions = trained.Policy.Options.Actions;
        var (policy, mean) = (new double[dimensions], new double[dimensions]);
        var each = new List<EpisodeError>();
        var squares = Squares(trained, episodes, workers, ranks);
        foreach (var (i, episode) in episodes.Index())
        {
            var (own, ofMean) = squares[i];
            each.Add(new EpisodeError(episode.Name, episode.Steps, Normalize(own, episode.Steps), Normalize(ofMean, episode.Steps)));
            for (var d = 0; d < dimensions; d++) (policy[d], mean[d]) = (policy[d] + own[d], mean[d] + ofMean[d]);
        }

        var steps = episodes.Sum(e => e.Steps);
        return new ActionError(steps, Root(policy), Root(mean), Normalize(policy, steps), Normalize(mean, steps)) { Episodes = each };

        double Normalize(double[] sums, int count) =>
            sums.Select((s, d) => s / count / Math.Pow(trained.Actions.Deviation[d], 2)).Average();
        double[] Root(double[] sums) => Array.ConvertAll(sums, s => Math.Sqrt(s / steps));
    }

    /// <summary>Steps of an episode as one batch.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="steps">Numbers of the steps.</param>
    /// <param name="pass">Lends the memory.</param>
    /// <exception cref="ShapeException">The episode does not have the policy's numbers of actions or states, or its instruction is too
    /// long.</exception>
    public static PolicyInput Inputs(TrainedPolicy trained, Episode episode, IReadOnlyList<int> steps, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(episode);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(pass);
        var options = trained.Policy.Options;
        if (episode.Actions[0].Length != options.Actions)
            throw new ShapeException(episode.Name, $"has {episode.Actions[0].Length} numbers an action, the policy {options.Actions}");
        if ((episode.States?[0].Length ?? 0) != options.Proprioception)
            throw new ShapeException(episode.Name,
            $"has {episode.States?[0].Length ?? 0} numbers a state, the policy {options.Proprioception}");
        var views = options.Fusion.Views;
        if (episode.OtherViews.Count + 1 != views) throw new ShapeException(
            episode.Name, $"has pictures of {episode.OtherViews.Count + 1} cameras, the policy {views}");
        var images = pass.Rent(trained.Policy.ImageShape(steps.Count));
        var states = episode.States is null ? null : pass.Rent([steps.Count, options.Proprioception]);
        var encoder = new ObservationEncoder(trained);
        var past = RecordedPast.Of(trained.Policy, steps.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            var state = states is null ? default : states.Span.Slice(i * options.Proprioception, options.Proprioception);
            encoder.Encode(RecordedObservation.Of(episode, steps[i], trained.Signature.Cameras),
                images.Span.Slice(i * encoder.PictureLength, encoder.PictureLength), state);
            past?.Set(i, episode, steps[i], trained.Signature.Cameras, encoder);
        }

        var (ids, mask) = trained.Tokenizer.EncodeBatch([.. Enumerable.Repeat(episode.Instruction, steps.Count)], options.MaxWords);
        return new PolicyInput(images, ids, mask, states) { Past = past?.Frames };
    }

    private static (double[] Policy, double[] Mean)[] Squares(TrainedPolicy trained, IReadOnlyList<Episode> episodes, Workers? workers,
        TrainingRanks? ranks)
    {
        var (dimensions, squares) = (trained.Policy.Options.Actions, new (double[] Policy, double[] Mean)[episodes.Count]);
        var mine = new List<double>();
        for (var i = ranks?.Rank ?? 0; i < episodes.Count; i += ranks?.Count ?? 1)
        {
            squares[i] = Squares(trained, episodes[i], workers);
            mine.AddRange([.. squares[i].Policy, .. squares[i].Mean]);
        }

        if (ranks is null) return squares;
        foreach (var (rank, bytes) in ranks.Gather(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(mine))).Index())
        {
            var numbers = MemoryMarshal.Cast<byte, double>(bytes);
            for (var i = rank; i < episodes.Count; i += ranks.Count, numbers = numbers[(2 * dimensions)..])
                squares[i] = (numbers[..dimensions].ToArray(), numbers[dimensions..(2 * dimensions)].ToArray());
        }

        return squares;
    }

    /// <summary>The squared errors of an episode's steps, summed for each dimension: the policy's, and those of the mean action.</summary>
    private static (double[] Policy, double[] Mean) Squares(TrainedPolicy trained, Episode episode, Workers? workers)
    {
        var dimensions = trained.Policy.Options.Actions;
        var (policy, mean) = (new double[dimensions], new double[dimensions]);
        var decided = new float[dimensions];
        foreach (var steps in Enumerable.Range(0, episode.Steps).Chunk(StepsAtOnce))
        {
            using var pass = Pass.Evaluation(workers: workers);
            var output = trained.Decide(Inputs(trained, episode, steps, pass), pass);
            for (var i = 0; i < steps.Length; i++)
            {
                trained.Actions.Undo(output.Action.Span.Slice(i * dimensions, dimensions), decided);
                for (var d = 0; d < dimensions; d++)
                {
                    policy[d] += Math.Pow(decided[d] - episode.Actions[steps[i]][d], 2);
                    mean[d] += Math.Pow(trained.Actions.Mean[d] - episode.Actions[steps[i]][d], 2);
                }
            }
        }

        return (policy, mean);
    }
}
