using System.Globalization;
using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;
using CrossModal.Explain.Monitor;

namespace CrossModal.Experiments.Monitoring;

/// <summary>Recorded episodes of one policy, task and circumstances in a safetensors file, numbers in half precision.</summary>
internal static class RolloutFile
{
    private const string Frames = "frames";
    private const string Steps = "steps";
    private const string Success = "success";
    private const string Episodes = "episodes";

    /// <summary>Writes episodes; a good file is replaced only by a whole one.</summary>
    public static void Write(string path, MonitorLayout layout, IReadOnlyList<Rollout> rollouts)
    {
        var halves = new Half[rollouts.Sum(r => r.Signals.Length)];
        var at = 0;
        foreach (var rollout in rollouts)
            foreach (var x in rollout.Signals) halves[at++] = (Half)Math.Clamp(x, -6e4f, 6e4f);
        SafeTensors.Write(path,
        [
            new(Frames, new StoredArray(ElementType.F16, [halves.Length / layout.Count, layout.Count],
                MemoryMarshal.AsBytes(halves.AsSpan()).ToArray())),
            new(Steps, StoredArray.From([.. rollouts.Select(r => r.Steps)], rollouts.Count)),
            new(Success, StoredArray.From([.. rollouts.Select(r => r.Success)], rollouts.Count)),
            new(Episodes, StoredArray.From([.. rollouts.Select(r => r.Episode)], rollouts.Count)),
        ],
        [
            new("task", rollouts[0].Task), new("condition", rollouts[0].Condition),
            new("limit", rollouts[0].Limit.ToString(CultureInfo.InvariantCulture)), new("layout", layout.ToText()),
        ]);
    }

    /// <summary>Reads episodes.</summary>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public static (MonitorLayout Layout, IReadOnlyList<Rollout> Rollouts) Read(string path)
    {
        var file = SafeTensors.Read(path);
        try
        {
            var layout = MonitorLayout.Parse(file.Metadata["layout"]) ?? throw new FormatException("the layout is none");
            var (frames, steps) = (file[Frames].ToSingles(), file[Steps].ToInt64s());
            var (success, episodes) = (file[Success].ToBooleans(), file[Episodes].ToInt64s());
            var (rollouts, at) = (new List<Rollout>(), 0);
            for (var i = 0; i < steps.Length; i++)
            {
                var length = (int)steps[i] * layout.Count;
                rollouts.Add(new Rollout(file.Metadata["task"], file.Metadata["condition"], (int)episodes[i], success[i],
                    int.Parse(file.Metadata["limit"], CultureInfo.InvariantCulture), frames[at..(at + length)], layout.Count));
                at += length;
            }

            return (layout, rollouts);
        }
        catch (Exception error) when (error is KeyNotFoundException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new FileFormatException(path, $"holds no recorded episodes: {Failure.Reason(error)}", error);
        }
    }
}
