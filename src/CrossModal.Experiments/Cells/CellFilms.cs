using System.Text.Json.Serialization;
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
    // Written as two lists of numbers: a type of its own in JSON takes some 20 KB of the tool compiled ahead of time.

    /// <summary>For each word the score of its map over all cameras; null where the decision changes no more than by noise. Null as a whole
    /// where that was not measured: in files of before it was, and of a decision that has no direction.</summary>
    public IReadOnlyList<double?>? Scores { get; init; }

    /// <summary>For each word the score that its map must exceed to be better than chance; null as <see cref="Scores"/> is.</summary>
    public IReadOnlyList<double?>? Chances { get; init; }

    /// <summary>Whether every map has a score and a level of chance, or none has.</summary>
    internal bool IsWhole => (Scores, Chances) is (null, null) || (Scores?.Count == Maps.Count && Chances?.Count == Maps.Count
        && Enumerable.Range(0, Maps.Count).All(word => Chances[word].HasValue));

    /// <summary>For each word whether its map is faithful; null where that was not measured.</summary>
    [JsonIgnore]
    public IReadOnlyList<FilmVerdict>? Verdicts
    {
        get => (Scores, Chances) is not ({ } scores, { } chances) ? null
            : [.. Enumerable.Range(0, scores.Count).Select(word => new FilmVerdict(scores[word], chances[word] ?? double.NaN))];
        init
        {
            (Scores, Chances) = (null, null);
            if (value is null) return;
            var (scores, chances) = (new double?[value.Count], new double?[value.Count]);
            for (var word = 0; word < value.Count; word++) (scores[word], chances[word]) = (value[word].Score, value[word].Chance);
            (Scores, Chances) = (scores, chances);
        }
    }
}
