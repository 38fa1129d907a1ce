using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Leases;
using CrossModal.Policies;

namespace CrossModal.Experiments.Cells;

/// <summary>The folder of a comparison: finished cells, their films and policies, and the work under way.</summary>
/// <remarks><c>cells/NAME_KEY.json</c> and <c>films/NAME_KEY.json</c> are small and worth keeping; <c>policies/KEY</c> and
/// <c>work/KEY.n</c>, where the holder of the n-th lease of the cell works, can be made again. <c>leases/KEY.n</c> says who that
/// is.</remarks>
internal sealed class CellStore
{
    private const string Cells = "cells";
    private const string Films = "films";
    private const string Work = "work";

    /// <summary>Uses a folder; nothing is made in it before there is something to keep.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="silence">How long whoever works on a cell may give no sign of life; null for the usual.</param>
    public CellStore(string folder, TimeSpan? silence = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
        Leases = new CellLeases(new LeaseFolder(Path.Combine(folder, "leases")), silence ?? CellLeases.UsualSilence);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Who works on which cell.</summary>
    public CellLeases Leases { get; }

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

    /// <summary>Keeps a finished cell; of several results of one cell the first stays.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file.</exception>
    public void Save(CellResult cell, CellFilms? films)
    {
        ArgumentNullException.ThrowIfNull(cell);

        // The cell last: where it is, its films are.
        if (films is not null) SaveFilms(cell.Configuration, films);
        CellFile.Write(PathFor(Cells, cell.Configuration, cell.Key), cell);
    }

    /// <summary>Keeps the films of a cell, in place of those that were.</summary>
    /// <returns>Their file.</returns>
    /// <exception cref="IOException">They cannot be written; the message names the file.</exception>
    public string SaveFilms(CellConfiguration configuration, CellFilms films)
    {
        var path = PathFor(Films, configuration, films.Key);
        CellFile.WriteFilms(path, films);
        return path;
    }

    /// <summary>Where the trained policy of a cell lies, if it was kept.</summary>
    public string PolicyFolder(string key) => Path.Combine(Folder, "policies", key);

    /// <summary>Keeps a policy that has been made: whoever looks finds a whole one or none.</summary>
    /// <param name="key">Key of the cell.</param>
    /// <param name="trained">The policy.</param>
    /// <param name="work">The folder of whoever made it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void KeepPolicy(string key, TrainedPolicy trained, string work)
    {
        var (beside, place) = (Path.Combine(work, "policy"), PolicyFolder(key));
        Policies.PolicyFolder.Save(beside, trained);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        try
        {
            if (!Directory.Exists(place)) Directory.Move(beside, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another was first, with the same bits.
        }
    }

    /// <summary>Where an unfinished cell keeps its checkpoint and what it has measured so far, or where it would; null while nothing is
    /// begun.</summary>
    public string? Begun(string key) => Works(key) is [.., var last] ? last : null;

    /// <summary>The folder in which the holder of a lease goes on with a cell: that of the holder before, which that one cannot write into
    /// any more.</summary>
    public string WorkFolder(CellLease lease)
    {
        var own = Path.Combine(Folder, Work, CellLeases.NameOf(lease.Key, lease.Generation));
        if (Begun(lease.Key) is not { } folder || folder == own) return own;
        try
        {
            if (Directory.Exists(own)) Directory.Delete(own, recursive: true);
            Directory.Move(folder, own);
        }
        catch (IOException)
        {
            // Somebody who does not know that the cell was taken over has files open there: the cell begins anew.
        }

        return own;
    }

    /// <summary>Removes what a finished cell left.</summary>
    public void RemoveWork(string key)
    {
        try
        {
            foreach (var folder in Works(key)) Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Somebody who does not know that the cell is finished writes there.
        }
    }

    /// <summary>Removes what workers left that were killed: work and leases of cells that are finished and, while nobody else holds a
    /// lease, results that were not written to their end.</summary>
    /// <exception cref="IOException">The folder cannot be read or written; the message names it.</exception>
    public void RemoveRemains()
    {
        foreach (var work in FoldersOf(Work, "*"))
            if (Path.GetFileNameWithoutExtension(work) is var key && PathOf(Cells, key) is not null) RemoveWork(key);
        if (!Leases.RemoveRemains(key => PathOf(Cells, key) is not null || (Directory.Exists(PolicyFolder(key)) && Begun(key) is null)))
            return;
        foreach (var kind in (string[])[Cells, Films]) AtomicFile.RemoveRemains(Path.Combine(Folder, kind));
    }

    /// <summary>The folders of all who worked on a cell, the last one last; one without a number is of before there were leases.</summary>
    private List<string> Works(string key)
    {
        var works = new SortedList<int, string>();
        foreach (var folder in FoldersOf(Work, $"{key}*"))
        {
            var number = Path.GetFileName(folder.AsSpan())[key.Length..];
            if (number.IsEmpty) works[0] = folder;
            else if (int.TryParse(number[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
                works[generation] = folder;
        }

        return [.. works.Values];
    }

    private string[] FoldersOf(string kind, string pattern)
    {
        var folder = Path.Combine(Folder, kind);
        return Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];
    }

    private string PathFor(string kind, CellConfiguration configuration, string key) =>
        Path.Combine(Folder, kind, CellKey.Name(configuration, key) + ".json");

    private string? PathOf(string kind, string key)
    {
        var folder = Path.Combine(Folder, kind);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"*_{key}.json").Order(StringComparer.Ordinal).FirstOrDefault()
            : null;
    }
}
