using System.Globalization;

namespace CrossModal.Experiments.Leases;

/// <summary>Shares cells out among processes that know nothing of each other but a folder.</summary>
/// <remarks>
/// The lease of a cell is a file <c>KEY.n</c>: of those the one of the highest n counts. To take a cell is to make the next file, which one
/// process can (<see cref="ILeaseFiles.Create"/>); no file is ever replaced, so whoever was slow to decide finds the name taken. A holder
/// adds a line to its own file at every beat. One whose file has not grown for the limit may be taken over. No two clocks are compared: the
/// time is the observer's own, and counts only while it looks, so that an observer that was halted does not take its own absence for that
/// of the holder. A holder that is taken over although it lives loses time and nothing else: each generation works in a folder of its own,
/// and of two results the first stays.
/// </remarks>
/// <param name="files">The folder of leases.</param>
/// <param name="silence">How long a holder may give no sign of life.</param>
/// <param name="clock">The observer's clock.</param>
internal sealed class CellLeases(ILeaseFiles files, TimeSpan silence, TimeProvider? clock = null)
{
    /// <summary>How long a holder may give no sign of life unless another limit is given.</summary>
    public static readonly TimeSpan UsualSilence = TimeSpan.FromMinutes(1);

    private const int BeatsOfSilence = 6;
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly TimeSpan _beat = silence / BeatsOfSilence;
    private readonly object _gate = new();
    private readonly Dictionary<string, CellLease> _held = [];
    private readonly Dictionary<string, Observed> _observed = [];
    private ITimer? _timer;

    /// <summary>Name of the file of a lease.</summary>
    public static string NameOf(string key, int generation) => string.Create(CultureInfo.InvariantCulture, $"{key}.{generation}");

    /// <summary>Takes a cell, if nobody works on it.</summary>
    /// <returns>The lease; null while another holds it. The cell may have been finished meanwhile: look once more.</returns>
    /// <exception cref="IOException">The folder cannot be read or written; the message names it.</exception>
    public CellLease? Take(string key)
    {
        lock (_gate)
        {
            var newest = Newest(key, files.Names());
            if (newest > 0 && !MayBeTakenOver(NameOf(key, newest))) return null;
            var lease = new CellLease(this, key, newest + 1);
            var holder = LeaseHolder.Here with { Id = $"{Guid.NewGuid():N}", Since = _clock.GetLocalNow() };
            if (!files.Create(lease.FileName, holder.Line())) return null;
            _held.Add(lease.FileName, lease);
            _timer ??= _clock.CreateTimer(_ => Beat(), null, _beat, _beat);
            return lease;
        }
    }

    /// <summary>Takes a cell, and waits while another holds it.</summary>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    /// <exception cref="IOException">The folder cannot be read or written; the message names it.</exception>
    public CellLease Hold(string key, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Take(key) is { } lease) return lease;
            cancellation.WaitHandle.WaitOne(Pause);
        }
    }

    /// <summary>How long to wait before looking again whether a cell became free.</summary>
    public TimeSpan Pause => _beat / 2 < TimeSpan.FromSeconds(1) ? _beat / 2 : TimeSpan.FromSeconds(1);

    /// <summary>What is known of who works on a cell, and the time since the last sign of life, as far as it can be known; null when nobody
    /// does.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public (LeaseState State, TimeSpan? Quiet)? Find(string key)
    {
        var newest = Newest(key, files.Names());
        if (newest == 0 || files.Read(NameOf(key, newest)) is not { } text) return null;
        var state = LeaseState.Read(text);
        return state.IsFree ? null : (state, files.Age(NameOf(key, newest)));
    }

    /// <summary>Removes the leases of finished cells, which holders that were killed have left.</summary>
    /// <param name="isFinished">Whether the cell of a key is finished.</param>
    /// <returns>Whether nobody else may hold a lease of another cell.</returns>
    /// <exception cref="IOException">The folder cannot be read or written; the message names it.</exception>
    public bool RemoveRemains(Func<string, bool> isFinished)
    {
        lock (_gate)
        {
            var alone = true;
            foreach (var name in files.Names())
            {
                if (_held.ContainsKey(name) || Parse(name) is not var (key, _)) continue;
                if (isFinished(key)) files.Delete(name);
                else if (files.Read(name) is { } text && !LeaseState.Read(text).IsFree) alone = false;
            }

            return alone;
        }
    }

    /// <summary>Gives a sign of life for every lease that is held, notices those that are lost, and looks at those of others.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            try
            {
                var names = files.Names();
                foreach (var lease in _held.Values.ToArray()) Beat(lease, names);
                foreach (var name in names.Where(n => Parse(n) is { } p && p.Generation == Newest(p.Key, names)))
                    if (!_held.ContainsKey(name) && files.Read(name) is { } text) IsSilent(name, text.Length);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The file server is away, or something in the folder is being changed: the next beat tries again.
            }
        }
    }

    /// <summary>Whether another has taken a lease over, or somebody removed it; false when it cannot be known.</summary>
    internal bool IsLost(CellLease lease)
    {
        lock (_gate)
        {
            if (lease.Lost.IsCancellationRequested) return true;
            try
            {
                var names = files.Names();
                if (names.Contains(lease.FileName) && Newest(lease.Key, names) == lease.Generation) return false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }

            Lose(lease);
            return true;
        }
    }

    /// <summary>Ends a lease.</summary>
    internal void End(CellLease lease, bool finished)
    {
        lock (_gate)
        {
            if (!_held.Remove(lease.FileName) && !finished) return;
            if (_held.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }

            try
            {
                if (!finished) files.Append(lease.FileName, LeaseState.Released);
                else foreach (var name in files.Names().Where(n => Parse(n)?.Key == lease.Key)) files.Delete(name);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ends by its silence.
            }
        }
    }

    private void Beat(CellLease lease, IReadOnlyList<string> names)
    {
        try
        {
            if (Newest(lease.Key, names) > lease.Generation || !files.Append(lease.FileName, lease.Sign)) Lose(lease);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk: the work goes on, as long as nobody takes it over.
        }
    }

    private void Lose(CellLease lease)
    {
        _held.Remove(lease.FileName);
        lease.Lose();
    }

    private bool MayBeTakenOver(string name)
    {
        if (_held.ContainsKey(name) || files.Read(name) is not { } text) return false;
        return LeaseState.Read(text).IsFree || IsSilent(name, text.Length);
    }

    /// <summary>Whether a file has not grown for the limit, each look counting for no more than two beats.</summary>
    private bool IsSilent(string name, int length)
    {
        var now = _clock.GetTimestamp();
        if (!_observed.TryGetValue(name, out var before) || before.Length != length)
        {
            _observed[name] = new Observed(length, now, TimeSpan.Zero);
            return false;
        }

        var since = _clock.GetElapsedTime(before.Last, now);
        var quiet = before.Quiet + (since < 2 * _beat ? since : 2 * _beat);
        _observed[name] = new Observed(length, now, quiet);
        return quiet >= silence;
    }

    private static int Newest(string key, IReadOnlyList<string> names)
    {
        var newest = 0;
        foreach (var name in names)
            if (Parse(name) is var (of, generation) && of == key) newest = Math.Max(newest, generation);
        return newest;
    }

    private static (string Key, int Generation)? Parse(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && int.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            ? (name[..dot], generation) : null;
    }

    private readonly record struct Observed(int Length, long Last, TimeSpan Quiet);
}
