using CrossModal.Training;

namespace CrossModal.Tests.Training;

/// <summary>Ranks that are threads of one process.</summary>
internal sealed class ThreadRanks : TrainingRanks
{
    private readonly Meeting _meeting;

    private ThreadRanks(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public override int Rank { get; }

    public override int Count => _meeting.Sent.Length;

    /// <summary>Runs work on every rank; the first failure of any of them is thrown.</summary>
    public static T[] Run<T>(int count, Func<TrainingRanks, T> work)
    {
        var (meeting, results, failures) = (new Meeting(count), new T[count], new Exception?[count]);
        var threads = Enumerable.Range(0, count).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadRanks(meeting, rank));
            }
            catch (Exception e)
            {
                failures[rank] = e;
                meeting.Barrier.RemoveParticipant();
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return failures.FirstOrDefault(f => f is not null) is { } failure ? throw failure : results;
    }

    public override void Finish() => Meet();

    internal override void Fail(int exitCode, string error) => throw new InvalidOperationException(error);

    internal override void AllToAll(ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive,
        ReadOnlySpan<int> receiveCounts)
    {
        var to = 0;
        var parts = new float[Count][];
        for (var rank = 0; rank < Count; rank++)
        {
            parts[rank] = send.Slice(to, sendCounts[rank]).ToArray();
            to += sendCounts[rank];
        }

        var all = Exchange(parts);
        for (int rank = 0, at = 0; rank < Count; at += receiveCounts[rank++])
            ((float[][])all[rank])[Rank].CopyTo(receive.Slice(at, receiveCounts[rank]));
    }

    internal override void AllGather(Span<float> whole, ReadOnlySpan<int> counts)
    {
        var offset = 0;
        for (var rank = 0; rank < Rank; rank++) offset += counts[rank];
        var all = Exchange(whole.Slice(offset, counts[Rank]).ToArray());
        for (int rank = 0, at = 0; rank < Count; at += counts[rank++]) ((float[])all[rank]).CopyTo(whole[at..]);
    }

    internal override byte[][] Gather(ReadOnlySpan<byte> mine) => Array.ConvertAll(Exchange(mine.ToArray()), bytes => (byte[])bytes);

    internal override void Broadcast(Span<float> values, int from) => ((float[])Exchange(values.ToArray())[from]).CopyTo(values);

    private object[] Exchange(object mine)
    {
        _meeting.Sent[Rank] = mine;
        _meeting.Barrier.SignalAndWait();
        object[] all = [.. _meeting.Sent];
        _meeting.Barrier.SignalAndWait();
        return all;
    }

    private sealed class Meeting(int count)
    {
        public object[] Sent { get; } = new object[count];

        public Barrier Barrier { get; } = new(count);
    }
}
