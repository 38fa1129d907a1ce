namespace CrossModal.Experiments.Leases;

/// <summary>The right to work on a cell, held until it is finished, given back, or lost to another that saw no sign of life.</summary>
internal sealed class CellLease : IDisposable
{
    private readonly CellLeases _leases;
    private readonly CancellationTokenSource _lost = new();

    internal CellLease(CellLeases leases, string key, int generation) => (_leases, Key, Generation) = (leases, key, generation);

    /// <summary>Key of the cell.</summary>
    public string Key { get; }

    /// <summary>How many leases of the cell there have been, this one included.</summary>
    public int Generation { get; }

    /// <summary>Cancelled when another has taken the cell over.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Name of its file.</summary>
    internal string FileName => CellLeases.NameOf(Key, Generation);

    /// <summary>What the next sign of life says.</summary>
    internal string Sign { get; private set; } = LeaseState.Sign("", 0);

    /// <summary>What the holder does.</summary>
    /// <param name="phase">A word.</param>
    /// <param name="share">Share that is done, 0 to 1.</param>
    public void Report(string phase, double share) => Sign = LeaseState.Sign(phase, share);

    /// <summary>Does work that stops when the lease is lost.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop, or the lease is lost: whatever failed then, failed because another
    /// goes on with the cell.</exception>
    public T Run<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Lost);
        try
        {
            return work(stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException && _leases.IsLost(this))
        {
            throw new OperationCanceledException("another worker goes on with the cell", e, Lost);
        }
    }

    /// <summary>The cell's result is in its place: no lease is needed any more.</summary>
    public void Finish() => _leases.End(this, finished: true);

    /// <summary>Gives the lease back, unless the cell is finished: anybody may take it at once.</summary>
    public void Dispose() => _leases.End(this, finished: false);

    internal void Lose() => _lost.Cancel();
}
