namespace CrossModal.Tabletop.Evaluation;

/// <summary>The episodes of one policy on one task and split, and what they add up to.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Split">Name of the split.</param>
/// <param name="Seed">Seed of the experiment; the same seed gives every policy the same episodes.</param>
/// <param name="Episodes">The episodes in order of their numbers.</param>
public sealed record EvaluationResult(string Task, string Split, ulong Seed, IReadOnlyList<EpisodeResult> Episodes)
{
    /// <summary>Number of successes.</summary>
    public int Successes => Episodes.Count(episode => episode.Success);

    /// <summary>Share of successes with its 95 % interval.</summary>
    public WilsonInterval Success => WilsonInterval.Of(Successes, Episodes.Count);

    /// <summary>Share of episodes in which the target was the first object touched, among those that touched any.</summary>
    public WilsonInterval TargetFirst => WilsonInterval.Of(
        Episodes.Count(episode => episode.TouchedTargetFirst), Episodes.Count(episode => episode.FirstTouched >= 0));

    /// <summary>Share of successes of someone who guesses the goal; see <see cref="EpisodeResult.Chance"/>. NaN without episodes.</summary>
    public double Chance => Episodes.Count == 0 ? double.NaN : Episodes.Average(episode => episode.Chance);

    /// <summary>Share of episodes in which the policy pointed at the right thing at the first step, among those in which it
    /// pointed.</summary>
    public WilsonInterval PointingAccuracy => WilsonInterval.Of(Episodes.Count(episode => episode.PointedAtTarget), Episodes.Count(Points));

    /// <summary>Mean distance between where the policy points and what it should point at, at the first step, metres; NaN when it does not
    /// point.</summary>
    public double MeanTargetError => Episodes.Any(Points) ? Episodes.Where(Points).Average(episode => (double)episode.TargetError)
        : double.NaN;

    /// <summary>Mean final distance from the goal, metres; NaN without episodes.</summary>
    public double MeanFinalDistance => Episodes.Count == 0 ? double.NaN : Episodes.Average(episode => (double)episode.FinalDistance);

    /// <summary>Mean steps of the successful episodes; NaN without any.</summary>
    public double MeanStepsToSuccess => Successes == 0 ? double.NaN
        : Episodes.Where(episode => episode.Success).Average(episode => episode.Steps);

    /// <summary>Number of episodes that ended for a reason.</summary>
    public int Count(FailureReason reason) => Episodes.Count(episode => episode.Failure == reason);

    private static bool Points(EpisodeResult episode) => !float.IsNaN(episode.TargetError);

    /// <inheritdoc/>
    public override string ToString() => $"{Task} {Split}: {Success} % of {Episodes.Count}";
}
