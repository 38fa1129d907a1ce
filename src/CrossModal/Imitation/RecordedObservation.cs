using CrossModal.Data;
using CrossModal.Policies;

namespace CrossModal.Imitation;

/// <summary>Makes what a policy observes of a recorded step.</summary>
internal static class RecordedObservation
{
    /// <summary>The pictures of all cameras and the state of a step.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="step">Number of the step.</param>
    /// <param name="cameras">Names of the cameras, in the order of the episode's views.</param>
    public static Observation Of(Episode episode, int step, IReadOnlyList<string> cameras)
    {
        if (cameras.Count == 1) return new Observation(episode.Frames[step]) { State = episode.States?[step] };
        var observation = new Observation { State = episode.States?[step] };
        for (var v = 0; v < cameras.Count; v++) observation = observation.With(cameras[v], episode.View(v)[step]);
        return observation;
    }
}
