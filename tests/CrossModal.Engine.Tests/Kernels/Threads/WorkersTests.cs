using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_part_runs_exactly_once(int threads)
    {
        using var workers = new Workers(threads);
        for (var repeat = 0; repeat < 2000; repeat++)
        {
            var parts = repeat % 9;
            var counts = new int[9];
            var body = new Count { Counts = counts };
            workers.Run(parts, ref body);
            for (var i = 0; i < 9; i++) Assert.Equal(i < parts ? 1 : 0, counts[i]);
        }
    }

    [Fact]
    public void A_parked_pool_wakes_up()
    {
        using var workers = new Workers(2);
        var body = new Meet { Barrier = new Barrier(2) };
        for (var repeat = 0; repeat < 3; repeat++)
        {
            Thread.Sleep(20);
            // Both parts wait for each other, so this returns only when two threads take part.
            workers.Run(2, ref body);
        }

        Assert.Equal(3, body.Barrier.CurrentPhaseNumber);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_of_a_part_reaches_the_caller_and_the_pool_goes_on(int threads)
    {
        using var workers = new Workers(threads);
        for (var failing = 0; failing < 4; failing++)
        {
            var body = new Fail { Failing = failing };
            Assert.Equal($"part {failing}", Assert.Throws<InvalidOperationException>(() => workers.Run(4, ref body)).Message);
        }

        var counts = new int[9];
        var count = new Count { Counts = counts };
        workers.Run(9, ref count);
        Assert.Equal(9, counts.Sum());
    }

    [Fact]
    public void A_job_started_inside_a_job_runs_on_its_caller()
    {
        using var workers = new Workers(3);
        var counts = new int[9];
        var body = new Nested { Workers = workers, Counts = counts };
        workers.Run(4, ref body);
        Assert.Equal(4 * 9, counts.Sum());
    }

    [Fact]
    public void Two_threads_may_use_one_pool_at_once()
    {
        using var workers = new Workers(2);
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (var repeat = 0; repeat < 2000; repeat++)
            {
                var counts = new int[5];
                var body = new Count { Counts = counts };
                workers.Run(5, ref body);
                if (counts.Any(c => c != 1)) throw new InvalidOperationException("a part was lost");
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) Assert.True(thread.Join(30_000));
    }

    [Fact]
    public void A_job_allocates_nothing()
    {
        using var workers = new Workers(2);
        var counts = new int[9];
        var body = new Count { Counts = counts };
        for (var i = 0; i < 100; i++) workers.Run(4, ref body);
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 100; i++) workers.Run(4, ref body);
        }));
    }

    [Fact]
    public void Impossible_thread_counts_and_a_disposed_pool_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Workers(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Workers(2000));
        var workers = new Workers(2);
        workers.Dispose();
        workers.Dispose();
        var body = new Count { Counts = new int[9] };
        Assert.Throws<ObjectDisposedException>(() => workers.Run(2, ref body));
        Workers.Single.Dispose();
        Workers.Single.Run(2, ref body);
        Assert.Equal(Environment.ProcessorCount, Workers.Default.Threads);
    }

    private struct Count : IWorkBody
    {
        public int[] Counts;

        public readonly void Execute(int part) => Interlocked.Increment(ref Counts[part]);
    }

    private struct Meet : IWorkBody
    {
        public Barrier Barrier;

        public readonly void Execute(int part)
        {
            if (!Barrier.SignalAndWait(20_000)) throw new TimeoutException("the other thread never came");
        }
    }

    private struct Fail : IWorkBody
    {
        public int Failing;

        public readonly void Execute(int part)
        {
            if (part == Failing) throw new InvalidOperationException($"part {part}");
        }
    }

    private struct Nested : IWorkBody
    {
        public Workers Workers;
        public int[] Counts;

        public readonly void Execute(int part)
        {
            var body = new Count { Counts = Counts };
            Workers.Run(9, ref body);
        }
    }
}
