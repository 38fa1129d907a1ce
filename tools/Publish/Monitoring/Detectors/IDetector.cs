using CrossModal.Experiments.Monitoring;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>Something that scores every step of an episode: high when it is about to fail.</summary>
internal interface IDetector
{
    /// <summary>Name, for tables.</summary>
    string Name { get; }

    /// <summary>Whether another seed gives another detector.</summary>
    bool IsRandom { get; }

    /// <summary>Whether its score is a mean over the steps so far, held against another as it stands; otherwise the largest so far
    /// counts.</summary>
    bool IsMean => false;

    /// <summary>Learns from recorded episodes.</summary>
    /// <param name="rollouts">Episodes that succeed and fail.</param>
    /// <param name="seed">Seed of everything random.</param>
    void Fit(IReadOnlyList<Rollout> rollouts, ulong seed);

    /// <summary>The score of every step, <c>[T]</c>.</summary>
    float[] Score(Rollout rollout);
}
