using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Cells;

namespace CrossModal.Experiments.Plans;

/// <summary>Reads and writes the files of a comparison as JSON; a good file is replaced only by a whole one.</summary>
internal static class ComparisonFile
{
    /// <summary>How files of comparisons are written.</summary>
    public static readonly JsonSerializerOptions Json = ExperimentFile.Options(ComparisonJson.Default);

    /// <summary>The name of the file of results in the folder of a comparison.</summary>
    public const string ResultsName = "results.json";

    /// <summary>The name of the same file packed by gzip, as results are published: it holds all cells, so none lie beside it.</summary>
    public const string PackedName = ResultsName + ".gz";

    /// <summary>The name of the file of times that were measured by themselves.</summary>
    public const string TimesName = "times.json";

    /// <summary>The file of results in a folder: as a run left it, else packed; null when there is none.</summary>
    public static string? Find(string folder) =>
        new[] { ResultsName, PackedName }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Reads <c>results.json</c>.</summary>
    /// <exception cref="FileFormatException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static ComparisonResults ReadResults(string path)
    {
        var results = ExperimentFile.Read(path, ComparisonResults.CurrentSchema, Form<ComparisonResults>());
        foreach (var cell in results.Cells) CellFile.Check(path, cell.Result);
        return results;
    }

    /// <summary>Writes <c>results.json</c>.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteResults(string path, ComparisonResults results) =>
        ExperimentFile.Write(path, results, Form<ComparisonResults>());

    /// <summary>Reads the times that lie beside results; null when there are none.</summary>
    /// <param name="folder">The folder of the results.</param>
    /// <exception cref="FileFormatException">The file is damaged or of another format; the message names it.</exception>
    public static ComparisonTimes? FindTimes(string folder) => Path.Combine(folder, TimesName) is var path && File.Exists(path)
        ? ExperimentFile.Read(path, ComparisonTimes.CurrentSchema, Form<ComparisonTimes>()) : null;

    /// <summary>Writes times beside results.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteTimes(string folder, ComparisonTimes times) =>
        ExperimentFile.Write(Path.Combine(folder, TimesName), times, Form<ComparisonTimes>());

    /// <summary>Reads a protocol of one's own.</summary>
    /// <exception cref="FileFormatException">The file is damaged or says what is impossible; the message names it.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static ComparisonProtocol ReadProtocol(string path)
    {
        var protocol = ExperimentFile.Read(path, ComparisonProtocol.CurrentSchema, Form<ComparisonProtocol>());
        return protocol.Fault() is { } fault ? throw new FileFormatException(path, fault) : protocol;
    }

    /// <summary>Writes a protocol.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteProtocol(string path, ComparisonProtocol protocol) =>
        ExperimentFile.Write(path, protocol, Form<ComparisonProtocol>());

    private static JsonTypeInfo<T> Form<T>() => (JsonTypeInfo<T>)Json.GetTypeInfo(typeof(T));
}
