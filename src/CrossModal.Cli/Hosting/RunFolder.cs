using System.Globalization;
using CrossModal.Engine.Formats;

namespace CrossModal.Cli.Hosting;

/// <summary>The folder of a run, held by one process at a time, or joined by many that share its work out; it knows what made it and refuses
/// to go on with anything else.</summary>
/// <remarks>
/// The lock is that of the operating system on the open file <c>run.lock</c>: it ends with the process however that ends, and is no process
/// number that could be given again. Who holds it stands in <c>run.owner</c>, for the message alone. What made the run stands in
/// <c>run.json</c>.
/// </remarks>
internal sealed class RunFolder : IDisposable
{
    /// <summary>Name of the file that says what made the run.</summary>
    public const string RecordName = "run.json";

    private const string LockName = "run.lock";
    private const string OwnerName = "run.owner";
    private const string Cells = "cells";

    /// <summary>What only a run leaves.</summary>
    private static readonly string[] Marks = ["policy.json", "checkpoint-*", Cells];

    /// <summary>Files that a run writes, and that others may have written.</summary>
    private static readonly string[] Files =
        ["model.safetensors", "losses.csv", "losses.json", "metrics.json", "report.html", "results.json", "tests.csv", "learning.csv"];

    /// <summary>Folders that a run writes.</summary>
    private static readonly string[] Folders = ["heatmaps", "films", "policies", "work", "leases", "text_encoder", "vision_encoder"];

    private readonly FileStream? _lock;
    private readonly IReadOnlyList<string> _made;
    private readonly bool _restart;
    private bool _follows;
    private bool _claimed;

    private RunFolder(string path, RunDescription description, bool restart, FileStream? held, IReadOnlyList<string> made) =>
        (Path, Description, _restart, _lock, _made) = (path, description, restart, held, made);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What makes the run; whoever runs it adds what it reads from files before <see cref="Claim"/>.</summary>
    public RunDescription Description { get; }

    /// <summary>Takes a folder for this process; it is made if need be, and gone again if <see cref="Claim"/> does not follow.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="description">What makes the run.</param>
    /// <param name="restart">Whether what an earlier run left is removed by <see cref="Claim"/>.</param>
    /// <exception cref="IOException">Another process holds it, or it cannot be written; the message names it.</exception>
    public static RunFolder Take(string path, RunDescription description, bool restart)
    {
        if (path.Length == 0) throw new IOException("--out: '' is no folder");
        var made = OutputPath.Missing(path);
        RunFolder? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = new RunFolder(path, description, restart, Lock(System.IO.Path.Combine(path, LockName)), made);
            File.WriteAllText(System.IO.Path.Combine(path, OwnerName),
                string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} since {DateTime.Now:yyyy-MM-dd HH:mm:ss}"));
            return held;
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new IOException($"{path}: the folder is in use by {Owner(path)}; wait for its end, or choose another folder with --out",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            OutputPath.RemoveEmpty(made);
            throw new IOException($"{path}: cannot be written: {OutputPath.Obstacle(path) ?? Failure.Reason(e)}", e);
        }
    }

    /// <summary>Uses a folder together with other processes, on this machine or others; it is made if need be.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="description">What makes the run, the same for all of them.</param>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static RunFolder Join(string path, RunDescription description)
    {
        OutputPath.CheckFolder(path);
        Directory.CreateDirectory(path);
        return new RunFolder(path, description, restart: false, held: null, made: []);
    }

    /// <summary>Uses a folder that another process of the same run has taken.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="description">What makes the run.</param>
    public static RunFolder Follow(string path, RunDescription description) =>
        new(path, description, restart: false, held: null, made: []) { _follows = true };

    /// <summary>Makes the folder this run's: that of a run by the same description goes on.</summary>
    /// <exception cref="IOException">The folder holds another run, or nothing says what made the one it holds; it stays as it
    /// was.</exception>
    /// <exception cref="FileFormatException">What made it cannot be read.</exception>
    public void Claim()
    {
        if (_follows) return;
        const string Otherwise = "choose another folder with --out, or begin anew with --restart, which removes what is there";
        var record = System.IO.Path.Combine(Path, RecordName);
        var (known, run) = (File.Exists(record), Found(Marks).FirstOrDefault());
        if (!known && run is null && Found(Files).FirstOrDefault() is { } foreign)
            throw new IOException($"{foreign}: no run made it, and this one would replace it; choose another folder with --out");
        if (_restart) Remove();
        else if (known && (_lock is null || Found([.. Marks, .. Files]).Any()))
        {
            if (Description.Differences(RunDescription.Read(record)) is { Count: > 0 } differences)
                throw new IOException($"{Path}: holds another run ({RunDescription.Named(differences)}); {Otherwise}");
        }
        else if (run is not null && !(Description.HasCells && System.IO.Path.GetFileName(run) == Cells))
        {
            // Cells of a comparison each say what made them; of any other run nothing does.
            throw new IOException($"{Path}: holds a run but no {RecordName} that says what made it; {Otherwise}");
        }

        // Of many that join, the first says what the run is.
        if (_lock is not null) Description.Write(record);
        else if (!known && !Description.WriteNew(record)) Claim();
        _claimed = true;
    }

    /// <summary>Gives the folder back; one that was made and never claimed is gone.</summary>
    public void Dispose()
    {
        if (_lock is null) return;
        try
        {
            // The lock's name goes before the lock: nobody takes it in between.
            File.Delete(System.IO.Path.Combine(Path, OwnerName));
            File.Delete(System.IO.Path.Combine(Path, LockName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody removed the folder, or its rights: there is nothing to give back.
        }

        _lock.Dispose();
        if (!_claimed) OutputPath.RemoveEmpty(_made);
    }

    private static FileStream Lock(string path)
    {
        while (true)
        {
            // Windows lets a file be deleted while it is open only if it is shared for that.
            var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite,
                OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
            if (File.Exists(path)) return held;

            // Its last holder removed the name between the opening and the locking.
            held.Dispose();
        }
    }

    /// <summary>Whether a file could not be opened because somebody holds it: EWOULDBLOCK of Linux and of macOS, or a sharing violation of
    /// Windows.</summary>
    private static bool IsHeld(Exception error) => error is IOException && error.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string Owner(string path)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(path, OwnerName)) is { Length: > 0 and < 100 } text ? Tool.OneLine(text)
                : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is just being written, or just gone.
            return "another process";
        }
    }

    private IEnumerable<string> Found(IEnumerable<string> patterns) =>
        patterns.SelectMany(pattern => Directory.EnumerateFileSystemEntries(Path, pattern));

    private void Remove()
    {
        foreach (var entry in Found([RecordName, .. Marks, .. Files, .. Folders]).ToArray())
        {
            if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
            else File.Delete(entry);
        }
    }
}
