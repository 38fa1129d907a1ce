using System.Globalization;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Experiments.Plans;

/// <summary>The results as tables for other tools: commas, points, a header line.</summary>
internal static class ComparisonCsv
{
    // What a test says of itself, from its task to the final distance.
    private const int TestColumns = 12;

    /// <summary>Writes a line for every test of every cell, and one without a test for every cell that diverged, with the reason in the
    /// last column.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteTests(string path, ComparisonResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var lines = results.Cells.SelectMany(cell => cell.Result.Diverged is { } why
            ? [Join([.. Start(cell), .. Enumerable.Repeat("", TestColumns), cell.Result.Key, why])]
            : cell.Result.Tests.Select(test => Join([.. Start(cell), test.Task, test.Split, test.Control, test.Episodes, test.Successes,
                test.Success.Rate, test.Success.Lower, test.Success.Upper,
                test.TargetFirstShare.Rate, test.Pointing.Rate, test.TargetErrorCentimetres, test.FinalDistanceCentimetres, cell.Result.Key,
                    ""])));
        Write(path, "group,variant,setting,role,seed,learning_rate,samples,parameters,flops,training_seconds,latency_ms,"
            + "task,split,control,episodes,successes,success,low,high,target_touched_first,pointing,target_error_cm,final_distance_cm,key,diverged", lines);
    }

    /// <summary>Writes a line for every point of every learning curve.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteLearning(string path, ComparisonResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var lines = results.Cells.SelectMany(cell =>
            cell.Result.Learning.Zip(cell.Result.Timing.LearningSeconds).SelectMany(point => point.First.Tasks.Select(task => Join(
            [.. Start(cell), point.First.Step, point.First.Samples, point.Second, task.Task, task.Episodes, task.Successes, task.Pointed,
                task.TargetErrorCentimetres, cell.Result.Key]))));
        Write(path, "group,variant,setting,role,seed,learning_rate,samples,parameters,flops,training_seconds,latency_ms,"
            + "step,samples_so_far,seconds_so_far,task,episodes,successes,pointed,target_error_cm,key", lines);
    }

    private static object[] Start(ComparedCell cell)
    {
        var (place, result) = (cell.Place, cell.Result);
        return [place.Group, place.Variant, place.Setting, place.Role, result.Configuration.Recipe.Seed,
            result.Configuration.Recipe.LearningRate, result.Configuration.Samples,
            result.Parameters, result.Flops, result.Timing.TrainingSeconds, result.Timing.LatencyMilliseconds];
    }

    private static string Join(object[] cells) =>
        string.Join(',', cells.Select(c => c is double d ? d.ToString("0.######", CultureInfo.InvariantCulture)
        : Quote(Convert.ToString(c, CultureInfo.InvariantCulture)!)));

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void Write(string path, string header, IEnumerable<string> lines) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines.Prepend(header)) + "\n")));
}
