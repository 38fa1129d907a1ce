using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Training;

/// <summary>The losses of a run, one row per step, in a CSV file that grows and a JSON copy of it.</summary>
/// <remarks>A row is in the hands of the operating system when <see cref="Append"/> returns and on the disk after <see cref="Flush"/>. A
/// row cut off by a kill is dropped when the log is opened again. Columns: <c>step, loss, learning_rate, gradient_norm,
/// samples_per_second</c>, then the metrics in the order they first appeared.</remarks>
internal sealed class LossLog : IDisposable
{
    private static readonly string[] Fixed = ["step", "loss", "learning_rate", "gradient_norm", "samples_per_second"];
    private readonly string _path;
    private readonly List<string> _columns;
    private readonly StringBuilder _row = new();
    private readonly List<byte> _bytes = [];
    private FileStream _stream;

    /// <summary>Opens a log.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="afterStep">Rows up to this step stay, later ones go; 0 begins anew.</param>
    /// <exception cref="FileFormatException">The rows that should stay are damaged or end before <paramref name="afterStep"/>.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public LossLog(string path, int afterStep = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(afterStep);
        _path = path;
        _columns = [.. Fixed];
        List<double?[]> rows = [];
        if (afterStep > 0 && File.Exists(path))
        {
            (_columns, rows) = Parse(path, afterStep);
            var last = rows.Count > 0 ? rows[^1][0] : 0;
            if (last != afterStep)
                throw new FileFormatException(path, string.Create(CultureInfo.InvariantCulture,
                    $"its last whole row is of step {last}, too early to go on after step {afterStep}"));
        }

        _stream = Rewrite(rows);
    }

    /// <summary>Where the JSON copy lies: the CSV's path with another ending.</summary>
    public string JsonPath => Path.ChangeExtension(_path, ".json");

    /// <summary>Adds a row; a metric not seen before adds a column.</summary>
    /// <exception cref="ArgumentException">A metric's name is empty or holds a comma, a quote or a line break.</exception>
    public void Append(TrainingReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        foreach (var (name, _) in report.Metrics)
        {
            if (_columns.Contains(name)) continue;
            AddColumns(report);
            break;
        }

        Span<double> fixedCells = [report.Step, report.Loss, report.LearningRate, report.GradientNorm, report.SamplesPerSecond];
        _row.Clear();
        for (var column = 0; column < _columns.Count; column++)
        {
            if (column > 0) _row.Append(',');
            if (column < Fixed.Length) _row.Append(CultureInfo.InvariantCulture, $"{fixedCells[column]:R}");
            else if (Metric(report, _columns[column]) is { } value) _row.Append(CultureInfo.InvariantCulture, $"{value:R}");
        }

        _row.Append('\n');
        foreach (var chunk in _row.GetChunks())
        {
            _bytes.EnsureCapacity(Encoding.UTF8.GetMaxByteCount(chunk.Length));
            CollectionsMarshal.SetCount(_bytes, Encoding.UTF8.GetByteCount(chunk.Span));
            Encoding.UTF8.GetBytes(chunk.Span, CollectionsMarshal.AsSpan(_bytes));
            _stream.Write(CollectionsMarshal.AsSpan(_bytes));
        }

        _stream.Flush();
    }

    /// <summary>Puts all rows on the disk and writes the JSON copy: an object with an array per column, null where there is no
    /// number.</summary>
    public void Flush()
    {
        _stream.Flush(flushToDisk: true);
        var rows = Parse(_path, int.MaxValue).Rows;
        AtomicFile.Write(JsonPath, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartObject();
            for (var i = 0; i < _columns.Count; i++)
            {
                json.WriteStartArray(_columns[i]);
                foreach (var row in rows)
                {
                    if (row[i] is { } value && double.IsFinite(value)) json.WriteNumberValue(value);
                    else json.WriteNullValue();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    /// <summary>Reads a log: every column by name, NaN where there is no number.</summary>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, double[]> Read(string path)
    {
        var (columns, rows) = Parse(path, int.MaxValue);
        var table = new OrderedDictionary<string, double[]>();
        for (var i = 0; i < columns.Count; i++) table.Add(columns[i], [.. rows.Select(row => row[i] ?? double.NaN)]);
        return table;
    }

    private static double? Metric(TrainingReport report, string name)
    {
        foreach (var (key, value) in report.Metrics)
            if (key == name) return value;
        return null;
    }

    private void AddColumns(TrainingReport report)
    {
        var fresh = report.Metrics.Select(m => m.Key).Where(name => !_columns.Contains(name)).Distinct().ToArray();
        foreach (var name in fresh)
            if (name.Length == 0 || name.AsSpan().IndexOfAny(",\"\r\n") >= 0)
                throw new ArgumentException($"LossLog: '{name}' cannot name a column", nameof(report));
        _stream.Dispose();
        var rows = Parse(_path, report.Step - 1).Rows;
        _columns.AddRange(fresh);
        _stream = Rewrite(rows);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    // Rows read before a metric first appeared are shorter than the columns.
    private string Line(double?[] row) =>
        string.Join(',', row.Select(value => value?.ToString("R", CultureInfo.InvariantCulture)))
            + new string(',', _columns.Count - row.Length) + "\n";

    private FileStream Rewrite(List<double?[]> rows)
    {
        AtomicFile.Write(_path, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes(string.Join(',', _columns) + "\n"));
            foreach (var row in rows) stream.Write(Encoding.UTF8.GetBytes(Line(row)));
        });
        return new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    private static (List<string> Columns, List<double?[]> Rows) Parse(string path, int lastStep)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        // What stands after the last line break was cut off by a kill.
        var lines = text.Split('\n')[..^1];
        List<string> columns = [.. lines.Length > 0 ? lines[0].Split(',') : []];
        if (!columns.Take(Fixed.Length).SequenceEqual(Fixed))
            throw new FileFormatException(path, $"line 1 does not begin with {string.Join(',', Fixed)}");
        var rows = new List<double?[]>();
        for (var i = 1; i < lines.Length; i++)
        {
            var cells = lines[i].Split(',');
            var row = new double?[columns.Count];
            for (var j = 0; j < cells.Length && j < row.Length; j++)
            {
                if (cells[j].Length == 0) continue;
                if (!double.TryParse(cells[j], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                    throw new FileFormatException(path, $"line {i + 1}: {columns[j]} is not a number");
                row[j] = value;
            }

            if (cells.Length != columns.Count || row[0] is not { } step)
                throw new FileFormatException(path, $"line {i + 1} has {cells.Length} cells, expected {columns.Count}");
            if (step > lastStep) break;
            rows.Add(row);
        }

        return (columns, rows);
    }
}
