using CrossModal.Engine.Formats;
using CrossModal.Tabletop.Comparison;

namespace CrossModal.Cli.Findings;

/// <summary>The films beside a comparison's results: <c>films/NAME_KEY.json</c>.</summary>
internal static class FilmFolder
{
    /// <summary>The films of a cell, or null when there are none.</summary>
    /// <exception cref="FileFormatException">The file is damaged; the message names it.</exception>
    public static CellFilms? Find(string folder, string key)
    {
        var films = Path.Combine(folder, "films");
        var path = Directory.Exists(films) ? Directory.EnumerateFiles(films, $"*_{key}.json").Order(StringComparer.Ordinal).FirstOrDefault() : null;
        return path is null ? null : ComparisonFile.ReadFilms(path);
    }
}
