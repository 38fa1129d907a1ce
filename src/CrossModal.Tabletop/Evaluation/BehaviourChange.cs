namespace CrossModal.Tabletop.Evaluation;

/// <summary>How often a policy does something else in the same scene when it has another instruction.</summary>
internal static class BehaviourChange
{
    /// <summary>Farthest that the tools may be apart for behaviour to count as the same, metres.</summary>
    public const float Same = 0.05f;

    /// <summary>
    /// The share of scenes in which behaviour changed: another object was touched first, or the tool was elsewhere at the last step that
    /// both episodes have (one may have failed early, judged by another goal). Scenes that only one of the two evaluations has are left
    /// out.
    /// </summary>
    /// <param name="own">Episodes under their own instructions.</param>
    /// <param name="other">The same scenes under others.</param>
    /// <exception cref="ArgumentException">The two are not evaluations of the same task, split and seed.</exception>
    public static WilsonInterval Between(EvaluationResult own, EvaluationResult other)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(other);
        if ((own.Task, own.Split, own.Seed) != (other.Task, other.Split, other.Seed))
            throw new ArgumentException(
                $"BehaviourChange: {own.Task} {own.Split} of seed {own.Seed} and {other.Task} {other.Split} of seed {other.Seed} are not the same scenes.", nameof(other));
        var originals = own.Episodes.ToDictionary(episode => episode.Index);
        var pairs = other.Episodes.Where(episode => originals.ContainsKey(episode.Index))
            .Select(episode => Changed(originals[episode.Index], episode)).ToList();
        return WilsonInterval.Of(pairs.Count(changed => changed), pairs.Count);
    }

    private static bool Changed(EpisodeResult one, EpisodeResult other)
    {
        var last = Math.Min(one.ToolPath.Count, other.ToolPath.Count) - 1;
        return (one.FirstTouched >= 0 && other.FirstTouched >= 0 && one.FirstTouched != other.FirstTouched)
            || (last >= 0 && one.ToolPath[last].DistanceTo(other.ToolPath[last]) > Same);
    }
}
