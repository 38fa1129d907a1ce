using System.Runtime.InteropServices;
using System.Text;
using CrossModal.Training;

namespace CrossModal.Mpi;

/// <summary>The processes that Open MPI connects.</summary>
/// <remarks>One of them ends all others within seconds when it ends before its time, and rank 0 is told which it was. Started by
/// <c>mpirun</c> of Open MPI 4 or 5, or by Slurm's <c>srun --mpi=pmix</c>.</remarks>
public sealed unsafe class MpiRanks : TrainingRanks
{
    private readonly int[] _offsets;
    private readonly int[] _others;
    private readonly RankWatch _watch;

    private MpiRanks(int rank, int count, Action<int, string, string?> lost)
    {
        (Rank, Count, _offsets, _others) = (rank, count, new int[count], new int[count]);
        _watch = RankWatch.Start(this, lost);
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>Connects this process with those that were started with it.</summary>
    /// <param name="lost">Called on rank 0, just before everything ends, with the number of a rank that ended before its time, where it
    /// ran, and its own error if it gave one; if rank 0 itself ended, on rank 1. Nothing is said where null.</param>
    /// <returns>The ranks; null for a process that was started alone.</returns>
    /// <exception cref="IOException">Open MPI is not installed, or does not connect all processes; the message says what to do.</exception>
    public static MpiRanks? Start(Action<int, string, string?>? lost = null)
    {
        var environment = new MpiEnvironment(Environment.GetEnvironmentVariable);
        if (environment.Processes == 1) return null;
        if (!NativeLibrary.TryLoad(MpiLibrary.Name, out _))
            throw new IOException(
                $"{environment.Processes} processes were started together, but {MpiLibrary.Name} is not installed, which connects them: " +
                "on Debian and Ubuntu by 'apt-get install openmpi-bin', elsewhere by the package of Open MPI 4 or 5");
        Check(MpiLibrary.InitThread(0, 0, MpiLibrary.Serialized, out var provided));
        Check(MpiLibrary.Rank(MpiLibrary.World, out var rank));
        Check(MpiLibrary.Size(MpiLibrary.World, out var count));
        if (provided < MpiLibrary.Serialized) throw new IOException("this Open MPI was built without threads");
        if (count != environment.Processes)
            throw new IOException($"{environment.Processes} processes were started together, but MPI connects {count} of them: " +
                (environment.IsSlurm ? "start with srun --mpi=pmix ('srun --mpi=list' says what Slurm has)" : "start with the mpirun of " +
                    "the Open MPI that is installed"));
        return new MpiRanks(rank, count, lost ?? ((_, _, _) => { }));
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        _watch.Finish();
        Check(MpiLibrary.Finish());
    }

    internal override void Fail(int exitCode, string error) => _watch.Fail(exitCode, error);

    internal override void Settle() => RankWatch.Settle();

    internal override void AllToAll(ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive,
        ReadOnlySpan<int> receiveCounts)
    {
        Offsets(sendCounts, _offsets);
        Offsets(receiveCounts, _others);
        fixed (float* from = send, to = receive)
        fixed (int* sent = sendCounts, received = receiveCounts, sentAt = _offsets, receivedAt = _others)
            Check(MpiLibrary.AllToAll(from, sent, sentAt, MpiLibrary.Float, to, received, receivedAt, MpiLibrary.Float, MpiLibrary.World));
    }

    internal override void AllGather(Span<float> whole, ReadOnlySpan<int> counts)
    {
        Offsets(counts, _offsets);
        fixed (float* all = whole)
        fixed (int* each = counts, at = _offsets)
            Check(MpiLibrary.AllGatherParts(MpiLibrary.InPlace, 0, MpiLibrary.Float, all, each, at, MpiLibrary.Float, MpiLibrary.World));
    }

    internal override byte[][] Gather(ReadOnlySpan<byte> mine)
    {
        var (length, lengths) = (mine.Length, new int[Count]);
        fixed (int* all = lengths)
            Check(MpiLibrary.AllGather(&length, 1, MpiLibrary.Int, all, 1, MpiLibrary.Int, MpiLibrary.World));
        Offsets(lengths, _offsets);

        // One byte more, so that there is an address where nothing is sent.
        var whole = new byte[lengths.Sum() + 1];
        fixed (byte* own = mine, all = whole)
        fixed (int* each = lengths, at = _offsets)
            Check(MpiLibrary.AllGatherParts(own, length, MpiLibrary.Byte, all, each, at, MpiLibrary.Byte, MpiLibrary.World));
        return [.. Enumerable.Range(0, Count).Select(r => whole.AsSpan(_offsets[r], lengths[r]).ToArray())];
    }

    internal override void Broadcast(Span<float> values, int from)
    {
        fixed (float* all = values)
            Check(MpiLibrary.Broadcast(all, values.Length, MpiLibrary.Float, from, MpiLibrary.World));
    }

    /// <summary>Gives every rank a text of each.</summary>
    internal string[] GatherTexts(string mine) => Array.ConvertAll(Gather(Encoding.UTF8.GetBytes(mine)), Encoding.UTF8.GetString);

    private static void Offsets(ReadOnlySpan<int> counts, int[] offsets)
    {
        for (var i = 1; i < counts.Length; i++) offsets[i] = offsets[i - 1] + counts[i - 1];
    }

    private static void Check(int code)
    {
        if (code != 0) throw new IOException($"Open MPI reports error {code}");
    }
}
