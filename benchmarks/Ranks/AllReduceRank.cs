using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using CrossModal.Mpi;

namespace CrossModal.Benchmarks.Ranks;

/// <summary>One of the processes among which gradients are exchanged; the first writes a line for each size.</summary>
internal static class AllReduceRank
{
    /// <summary>The command that each process runs.</summary>
    public const string Name = "allreduce-rank";

    // What a rank reports of its shards in a step: a loss, a few metrics, numbers of a hundred parameters.
    private const int ReportBytes = 600;
    private const int Fewest = 5;
    private static readonly int[] Sizes = [1_000, 10_000, 100_000, 300_000, 1_000_000, 3_000_000];

    /// <summary>Exchanges until every size was measured.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        var seconds = double.Parse(args[0], CultureInfo.InvariantCulture);
        var ranks = MpiRanks.Start() ?? throw new UsageException($"{Name} is started by mpirun");
        foreach (var size in Sizes)
        {
            var times = new List<double>();
            var exchange = new Exchange(ranks, size);
            exchange.Run();
            var begun = Stopwatch.GetTimestamp();

            // All stop at the same time: the first rank's clock decides.
            while (times.Count < Fewest || ranks.Gather([(byte)(Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds ? 1 : 0)])[0][
                0] == 1)
            {
                ranks.Meet();
                var start = Stopwatch.GetTimestamp();
                exchange.Run();
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            times.Sort();
            if (ranks.Rank == 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size} {times[times.Count / 2]:F1}"));
        }

        ranks.Finish();
        return 0;
    }

    private sealed class Exchange
    {
        private readonly MpiRanks _ranks;
        private readonly int[] _counts;
        private readonly int[] _mine;
        private readonly float[] _whole;
        private readonly float[] _received;
        private readonly byte[] _report = new byte[ReportBytes];

        public Exchange(MpiRanks ranks, int size)
        {
            _ranks = ranks;
            _counts = [.. Enumerable.Range(0, ranks.Count)
                .Select(r => (int)((long)size * (r + 1) / ranks.Count - (long)size * r / ranks.Count))];
            _mine = [.. Enumerable.Repeat(_counts[ranks.Rank], ranks.Count)];
            (_whole, _received) = (new float[size], new float[_mine.Sum()]);
        }

        public void Run()
        {
            _ranks.Gather(_report);
            _ranks.AllToAll(_whole, _counts, _received, _mine);
            var slice = _received.AsSpan(0, _mine[0]);
            for (var shard = 1; shard < _ranks.Count; shard++)
                TensorPrimitives.Add(slice, _received.AsSpan(shard * slice.Length, slice.Length), slice);
            _ranks.Gather(_report);
            _ranks.AllGather(_whole, _counts);
        }
    }
}
