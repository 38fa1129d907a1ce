using System.Text.Json;

namespace CrossModal.Server.Viewing;

/// <summary>The steps of an episode as numbers over time.</summary>
internal static class TimelineJson
{
    /// <summary>Writes the properties of a timeline.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="first">Number of the first step written.</param>
    /// <param name="end">Number after the last.</param>
    /// <param name="timeline">The timeline of a policy; null without one.</param>
    /// <param name="readings">Its readings from the first step written on.</param>
    public static void Write(Utf8JsonWriter json, ViewedEpisode episode, int first, int end, EpisodeTimeline? timeline,
        IReadOnlyList<StepReading> readings)
    {
        end = Math.Max(first, end);
        var steps = Enumerable.Range(first, end - first).Select(episode.Find).ToList();
        json.WriteNumber("first", first);
        json.WriteNumber("end", end);
        json.Number("threshold", timeline?.Threshold);
        json.Number("noise", timeline?.Noise);
        json.List("recorded", steps, step => json.Numbers(step?.Recorded));
        json.List("sent", steps, step => json.Numbers(step?.Sent));
        json.List("predicted", readings, reading => json.Numbers(reading.Action));
        json.List("score", readings, reading => json.NumberValue(reading.Score));
        json.List("stop", readings, reading => json.WriteBooleanValue(reading.Stop));
        json.List("effect", readings, reading => json.NumberValue(reading.Effect));
        json.List("differs", readings, reading => json.WriteBooleanValue(reading.Differs));
    }
}
