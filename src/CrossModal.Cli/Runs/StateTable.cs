using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Formats;

namespace CrossModal.Cli.Runs;

/// <summary>The robot's state at every frame of a replay: one row for all, or a row for each.</summary>
internal sealed class StateTable
{
    private readonly float[][] _rows;

    private StateTable(float[][] rows) => _rows = rows;

    /// <summary>The state at a frame.</summary>
    public ReadOnlySpan<float> this[int frame] => _rows[_rows.Length == 1 ? 0 : frame];

    /// <summary>Reads what <c>--state</c> says.</summary>
    /// <param name="text">Numbers with commas between, the name of a .npy file, or null for zeros.</param>
    /// <param name="states">What the policy takes.</param>
    /// <param name="frames">Number of frames.</param>
    /// <exception cref="UsageException">It is neither, or has another size.</exception>
    public static StateTable Parse(string? text, IReadOnlyList<Quantity> states, int frames)
    {
        if (text is null) return new StateTable([new float[states.Count]]);
        var rows = text.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) ? Rows(text) : [Numbers(text)];
        if (rows[0].Length != states.Count) throw new UsageException($"--state: {rows[0].Length} numbers, the policy takes {states.Count}");
        return rows.Length == 1 || rows.Length == frames ? new StateTable(rows)
            : throw new UsageException($"--state: {rows.Length} rows for {frames} frames");
    }

    private static float[][] Rows(string path)
    {
        if (!File.Exists(path)) throw new UsageException($"--state: there is no file '{path}'");
        var stored = Npy.Read(path);
        var shape = stored.Shape;
        if (shape.Length is not (1 or 2) || stored.ToSingles().Length == 0)
            throw new UsageException($"--state: '{path}' holds [{string.Join(',', shape.ToArray())}], needed are [P] or [frames, P]");
        return [.. stored.ToSingles().Chunk(shape[^1])];
    }

    private static float[] Numbers(string text) => [.. text.Split(',').Select(part =>
        float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number)
            ? number
            : throw new UsageException($"--state: '{part}' is not a number"))];
}
