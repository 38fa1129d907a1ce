using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Cells;

/// <summary>A few episodes of a cell with pictures and attention, for film strips.</summary>
/// <param name="Key">Key of the cell.</param>
/// <param name="Films">The films.</param>
internal sealed record CellFilms(string Key, IReadOnlyList<Film> Films)
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-films/1";

    /// <summary>The format the films were written in.</summary>
    public string Schema { get; init; } = CurrentSchema;
}

/// <summary>An episode with pictures.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Split">Name of the split.</param>
/// <param name="Episode">Number of the episode.</param>
/// <param name="Words">The sentence, word by word.</param>
/// <param name="Failure">Why it failed, or None.</param>
/// <param name="Frames">Some of its steps, the first and the last state included.</param>
internal sealed record Film(string Task, string Split, int Episode, IReadOnlyList<string> Words, FailureReason Failure,
    IReadOnlyList<FilmFrame> Frames)
{
    /// <summary>What was withheld.</summary>
    public PolicyControl Control { get; init; }

    /// <summary>The attention shown; null when no attention of the strategy goes from words to patches.</summary>
    public string? Layer { get; init; }

    /// <summary>Rows of patches.</summary>
    public int Rows { get; init; }

    /// <summary>Columns of patches.</summary>
    public int Columns { get; init; }
}

/// <summary>One picture of a film.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Png">The picture, a PNG file.</param>
/// <param name="Maps">For each word its attention over the patches (mean over heads), row by row: 255 stands for
/// <paramref name="Largest"/>; empty without attention.</param>
/// <param name="Largest">The largest weight in the picture.</param>
internal sealed record FilmFrame(int Step, byte[] Png, IReadOnlyList<byte[]> Maps, double Largest)
{
    /// <summary>For each word whether its map is faithful, over all cameras; null where that was not measured: in files of before it was,
    /// and of a decision that has no direction.</summary>
    public IReadOnlyList<FilmVerdict>? Verdicts { get; init; }
}
