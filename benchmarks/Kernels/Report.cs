using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Kernels;

/// <summary>Prints measurements as a table and writes them as JSON.</summary>
internal static class Report
{
    private const string HowToRead =
        "Read the share of peak: each sample is divided by the multiply-add peak sampled just before it, which takes out most of "
        + "what else runs on the machine; GFLOP/s and times are those of this machine now, and median and best lie close together when " +
            "it was idle.";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static void PrintHead()
    {
        Console.WriteLine(HowToRead);
        Console.WriteLine(Machine.Line);
    }

    public static void Print(IReadOnlyList<Measurement> measurements)
    {
        Console.WriteLine();
        Console.WriteLine($"{$"threads: {measurements[0].Threads}",-36}{"GFLOP/s",10}{"best",10}{"of peak",10}{"us a call",12}{"best",12}");
        foreach (var m in measurements)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{m.Name,-36}{m.MedianGflops,10:F1}{m.BestGflops,10:F1}{m.ShareOfPeak,9:P0}{m.MedianMicroseconds,13:F1}{m.BestMicroseconds,12:F1}"));
        }
    }

    public static void WriteJson(string file, IReadOnlyList<Measurement> measurements)
    {
        var content = new
        {
            Runtime = RuntimeInformation.FrameworkDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Processors = Environment.ProcessorCount,
            Machine.Vectors,
            Measurements = measurements,
        };
        File.WriteAllText(file, JsonSerializer.Serialize(content, Json) + "\n");
    }
}
