using System.Diagnostics;
using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Monitoring;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Reports;

namespace CrossModal.Publish.Monitoring;

/// <summary>Time of a step with and without a monitor and other instructions, measured in turns on the same pictures.</summary>
/// <param name="Row">Row of the policy in the main table.</param>
/// <param name="Camera">Size of the pictures, width and height: a camera's, or the policy's own, which is not resized.</param>
/// <param name="Where">Where it ran.</param>
/// <param name="Plain">Median of a step, milliseconds.</param>
/// <param name="Monitored">The same with the monitor on.</param>
/// <param name="Ratio">Median over rounds of the ratio of the two.</param>
/// <param name="EffectRatio">The same ratio of steps that compute the counterfactual effect.</param>
/// <param name="Compared">The same with one other instruction prepared.</param>
/// <param name="Bytes">Bytes allocated a frame with the monitor on.</param>
/// <param name="ComparedBytes">Bytes allocated a frame with another instruction prepared.</param>
internal sealed record MonitorTime(string Row, string Camera, string Where, double Plain, double Monitored, double Ratio,
    double EffectRatio,
    double Compared, double Bytes, double ComparedBytes)
{
    /// <summary>Name of the file beside the cells.</summary>
    public const string FileName = "time.json";

    private const int Rounds = 60;

    // A whole number of times the steps between two effects.
    private const int Frames = 3 * MonitorFitting.EffectEvery;
    private static readonly (int Width, int Height) Camera480 = (640, 480);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Measures policies; each folder holds a monitor.</summary>
    public static List<MonitorTime> Measure(IEnumerable<(string Name, string Folder)> policies, string instruction, string other) =>
        [.. policies.SelectMany(p => new (int Width, int Height)?[] { Camera480, null }.Select(size =>
            Measure(p.Name, p.Folder, size, instruction, other)))];

    /// <summary>Writes measurements.</summary>
    public static void Write(string folder, List<MonitorTime> times) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        JsonSerializer.Serialize(stream, times, Json);
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Reads measurements; none when there is no file.</summary>
    public static IReadOnlyList<MonitorTime> Read(string folder) => Path.Combine(folder, FileName) is var path && File.Exists(path)
        ? JsonSerializer.Deserialize<List<MonitorTime>>(JsonFile.Read(path), Json)! : [];

    private static MonitorTime Measure(string name, string folder, (int Width, int Height)? camera, string instruction, string other)
    {
        using var plain = Policy.Load(folder, new PolicyRunOptions { KeepFrames = false, Monitor = false });
        using var monitored = Policy.Load(folder, new PolicyRunOptions { KeepFrames = false });
        using var compared = Policy.Load(folder, new PolicyRunOptions { KeepFrames = false, Monitor = false });
        compared.Compare(other);
        (Policy Policy, bool Begins)[] policies = [(plain, false), (monitored, false), (compared, false), (monitored, true)];
        foreach (var (policy, _) in policies) policy.SetInstruction(instruction, allowUnknown: true);
        var (width, height) = camera ?? (plain.ImageSize, plain.ImageSize);
        var picture = new RgbImage(width, height);
        new Random(1).NextBytes(picture.Pixels);
        var state = new float[plain.States.Count];
        var warmed = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warmed) < TimeSpan.FromSeconds(3))
            foreach (var (policy, begins) in policies) Block(policy, begins, picture, state);
        var times = policies.Select(_ => new List<double>()).ToArray();
        var bytes = new long[policies.Length];
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < policies.Length; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                times[i].Add(Block(policies[i].Policy, policies[i].Begins, picture, state));
                bytes[i] += GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        return new MonitorTime(name, $"{width}×{height}", Machine.Line, Median(times[0]), Median(times[1]), Ratio(1), Ratio(3),
            Median(times[2]),
            (double)bytes[1] / (Rounds * Frames), (double)bytes[2] / (Rounds * Frames));

        double Ratio(int which) => Median([.. times[which].Zip(times[0], (with, without) => with / without)]);
    }

    /// <summary>Mean time of a step, milliseconds.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="begins">Whether each step is the first of an episode, which computes the counterfactual effect.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="state">The robot's state.</param>
    private static double Block(Policy policy, bool begins, RgbImage picture, float[] state)
    {
        policy.Reset();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Frames; i++)
        {
            if (begins) policy.Reset();
            policy.Act(new Observation(picture) { State = state });
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / Frames;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
