using System.Collections.Concurrent;
using CrossModal.Engine.Formats;

namespace CrossModal.Experiments.Cells;

/// <summary>The folder of a comparison: finished cells, their films and policies, and the work under way.</summary>
/// <remarks><c>cells/NAME_KEY.json</c> and <c>films/NAME_KEY.json</c> are small and worth keeping; <c>policies/KEY</c> and <c>work/KEY</c>
/// can be made again.</remarks>
internal sealed class CellStore
{
    private const string Cells = "cells";
    private const string Films = "films";
    private readonly ConcurrentDictionary<string, object> _making = new();

    /// <summary>Uses a folder; nothing is made in it before there is something to keep.</summary>
    public CellStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Whether finished cells lie in the folder.</summary>
    public bool HasCells => Directory.Exists(Path.Combine(Folder, Cells));

    /// <summary>A finished cell, or null.</summary>
    /// <exception cref="FileFormatException">Its file is damaged or holds another cell; the message names it and says what to
    /// do.</exception>
    public CellResult? Find(string key)
    {
        if (PathOf(Cells, key) is not { } path) return null;
        CellResult cell;
        try
        {
            cell = CellFile.Read(path);
        }
        catch (FileFormatException error)
        {
            throw new FileFormatException(path, $"{error.Message[(path.Length + 2)..]}; remove it and the cell runs again", error);
        }

        return cell.Key == key ? cell : throw new FileFormatException(path,
            $"holds the cell '{cell.Key}'; remove it and the cell '{key}' runs");
    }

    /// <summary>The films of a cell, or null when there are none.</summary>
    /// <exception cref="FileFormatException">The file is damaged; the message names it.</exception>
    public CellFilms? FindFilms(string key) => PathOf(Films, key) is { } path ? CellFile.ReadFilms(path) : null;

    /// <summary>Keeps a finished cell.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file.</exception>
    public void Save(CellResult cell, CellFilms? films)
    {
        ArgumentNullException.ThrowIfNull(cell);
        var name = CellKey.Name(cell.Configuration, cell.Key) + ".json";

        // The cell last: where it is, its films are.
        if (films is not null) CellFile.WriteFilms(Path.Combine(Folder, Films, name), films);
        CellFile.Write(Path.Combine(Folder, Cells, name), cell);
    }

    /// <summary>Where the trained policy of a cell lies, if it was kept.</summary>
    public string PolicyFolder(string key) => Path.Combine(Folder, "policies", key);

    /// <summary>Where an unfinished cell keeps its checkpoint and what it has measured so far.</summary>
    public string WorkFolder(string key) => Path.Combine(Folder, "work", key);

    /// <summary>What a thread holds while it makes a policy that others may need too.</summary>
    internal object Making(string key) => _making.GetOrAdd(key, _ => new object());

    private string? PathOf(string kind, string key)
    {
        var folder = Path.Combine(Folder, kind);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"*_{key}.json").Order(StringComparer.Ordinal).FirstOrDefault()
            : null;
    }
}
