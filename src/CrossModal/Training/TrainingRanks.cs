namespace CrossModal.Training;

/// <summary>The processes that share one training out, each a rank; on many machines those of MPI (the package CrossModal.Mpi).</summary>
/// <remarks>Every rank calls the same methods in the same order.</remarks>
public abstract class TrainingRanks
{
    /// <summary>Only assemblies of this library connect ranks.</summary>
    internal TrainingRanks()
    {
    }

    /// <summary>Which of them this process is, from 0. Rank 0 alone writes files.</summary>
    public abstract int Rank { get; }

    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>Ends the connection, once every rank calls it; the last call of all.</summary>
    public abstract void Finish();

    /// <summary>Ends this process and all others.</summary>
    /// <param name="exitCode">Exit code of this process.</param>
    /// <param name="error">Why; told by rank 0, unless that fails too.</param>
    internal abstract void Fail(int exitCode, string error);

    /// <summary>Waits until the end of another rank, if that is why this one was asked to stop, has been noticed and reported.</summary>
    internal virtual void Settle()
    {
    }

    /// <summary>Waits until every rank is here.</summary>
    internal void Meet() => Gather([]);

    /// <summary>Sends each rank its part of an array, and receives from each the part meant for this one, both in the order of
    /// ranks.</summary>
    internal abstract void AllToAll(ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive,
        ReadOnlySpan<int> receiveCounts);

    /// <summary>Fills an array of which each rank has one part, in the order of ranks.</summary>
    internal abstract void AllGather(Span<float> whole, ReadOnlySpan<int> counts);

    /// <summary>Gives every rank what each of them has, in the order of ranks.</summary>
    internal abstract byte[][] Gather(ReadOnlySpan<byte> mine);

    /// <summary>Gives every rank the numbers of one.</summary>
    internal abstract void Broadcast(Span<float> values, int from);
}
