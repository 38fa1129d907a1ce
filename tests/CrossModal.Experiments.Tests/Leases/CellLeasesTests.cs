using CrossModal.Experiments.Leases;

namespace CrossModal.Experiments.Tests.Leases;

public sealed class CellLeasesTests
{
    private const string Key = "0123456789abcdef";
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    // The clocks of two machines are ten minutes apart.
    private readonly ManualClock _early = new(TimeSpan.FromMinutes(-5));
    private readonly ManualClock _late = new(TimeSpan.FromMinutes(5));

    [Fact]
    public void Of_three_that_take_a_free_cell_one_gets_it_in_every_order()
    {
        var runs = Interleavings.Explore(() =>
        {
            var files = new SharedFiles();
            var taken = new CellLease?[3];
            return (files, [.. taken.Select((_, i) => (Action)(() => taken[i] = Leases(files, i).Take(Key)))],
                () => Assert.Single(taken, lease => lease is not null));
        });
        Assert.True(runs > 50, $"{runs} orders");
    }

    [Fact]
    public void Of_two_that_take_over_a_silent_cell_one_gets_it_and_the_holder_that_wakes_learns_it_in_every_order()
    {
        var runs = Interleavings.Explore(() =>
        {
            var files = new SharedFiles();
            var (halted, one, two) = (Leases(files, 0), Leases(files, 1, _late), Leases(files, 2));
            var held = halted.Take(Key)!;
            foreach (var observer in (CellLeases[])[one, two]) WaitOut(observer);
            CellLease? first = null, second = null;
            return (files, [halted.Beat, () => first = one.Take(Key), () => second = two.Take(Key)], () =>
            {
                var taken = new[] { first, second }.OfType<CellLease>().ToArray();
                halted.Beat();

                // Its sign of life may have been in time for both.
                Assert.True(taken.Length <= 1);
                Assert.Equal(taken.Length == 1, held.Lost.IsCancellationRequested);
                Assert.All(taken, lease => Assert.Equal(2, lease.Generation));
            }
            );
        });
        Assert.True(runs > 200, $"{runs} orders");
    }

    [Fact]
    public void A_cell_is_computed_and_finished_once_whoever_looks_when()
    {
        Interleavings.Explore(() =>
        {
            var files = new SharedFiles();
            var (computed, finished) = (0, false);
            return (files, [() => Work(0), () => Work(1)], () =>
            {
                Assert.Equal(1, computed);
                Assert.True(finished);
                Assert.Empty(files.Names);
            }
            );

            void Work(int actor)
            {
                if (finished || Leases(files, actor).Take(Key) is not { } lease) return;
                files.Access(actor);
                if (!finished) computed++;
                files.Access(actor);
                finished = true;
                lease.Finish();
            }
        });
    }

    [Fact]
    public void A_holder_that_is_taken_over_while_it_finishes_leaves_no_lease_and_no_second_result()
    {
        Interleavings.Explore(() =>
        {
            var files = new SharedFiles();
            var (halted, other) = (Leases(files, 0), Leases(files, 1));
            var held = halted.Take(Key)!;
            WaitOut(other);
            var results = new List<int>();
            return (files, [
                () =>
                {
                    files.Access(0);
                    if (results.Count == 0) results.Add(0);
                    held.Finish();
                },
                () =>
                {
                    if (other.Take(Key) is not { } lease) return;
                    files.Access(1);
                    if (results.Count == 0) results.Add(1);
                    lease.Finish();
                }], () =>
                {
                    Assert.Single(results);
                    Assert.Empty(files.Names);
                }
            );
        });
    }

    [Fact]
    public void A_cell_is_taken_over_when_it_gave_no_sign_of_life_for_the_limit_by_the_observers_own_looks()
    {
        var files = new SharedFiles();
        var (holder, observer) = (Leases(files, 0, _early), Leases(files, 1, _late));
        var held = holder.Take(Key)!;
        Assert.Null(observer.Take(Key));

        // Halted for an hour, the observer does not know what the holder did meanwhile.
        _late.Pass(3600);
        Assert.Null(observer.Take(Key));
        for (var i = 0; i < 3; i++)
        {
            _late.Pass(10);
            Assert.Null(observer.Take(Key));
        }

        holder.Beat();
        for (var i = 0; i < 6; i++)
        {
            _late.Pass(10);
            Assert.Null(observer.Take(Key));
        }

        _late.Pass(10);
        Assert.NotNull(observer.Take(Key));
        holder.Beat();
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public void A_worker_that_only_beats_notices_the_silence_of_others_too()
    {
        var files = new SharedFiles();
        var (dead, busy) = (Leases(files, 0), Leases(files, 1, _late));
        Assert.NotNull(dead.Take(Key));
        Assert.NotNull(busy.Take("another"));
        for (var i = 0; i < 7; i++)
        {
            busy.Beat();
            _late.Pass(10);
        }

        Assert.NotNull(busy.Take(Key));
    }

    [Fact]
    public void A_cell_that_was_given_back_is_free_at_once_and_one_that_is_finished_leaves_nothing()
    {
        var files = new SharedFiles();
        using (Leases(files, 0).Take(Key)) Assert.Null(Leases(files, 1).Take(Key));
        var lease = Leases(files, 1).Take(Key);
        Assert.Equal(2, lease!.Generation);
        lease.Finish();
        Assert.Empty(files.Names);
    }

    [Fact]
    public void A_full_disk_neither_ends_a_lease_nor_gives_the_cell_to_another()
    {
        var files = new SharedFiles();
        var (holder, other) = (Leases(files, 0), Leases(files, 1, _late));
        var held = holder.Take(Key)!;
        Assert.Null(other.Take(Key));
        files.IsFull = true;
        holder.Beat();
        Assert.False(held.Lost.IsCancellationRequested);
        for (var i = 0; i < 6; i++)
        {
            _late.Pass(10);
            if (i < 5) Assert.Null(other.Take(Key));
        }

        Assert.Contains("no space left", Assert.Throws<IOException>(() => other.Take(Key)).Message, StringComparison.Ordinal);
        files.IsFull = false;
        holder.Beat();
        Assert.Null(other.Take(Key));
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public void Work_that_fails_because_another_took_over_counts_as_stopped_and_other_failures_stay_what_they_are()
    {
        var files = new SharedFiles();
        var (holder, other) = (Leases(files, 0), Leases(files, 1, _late));
        var held = holder.Take(Key)!;
        Assert.Throws<IOException>(() => held.Run<int>(_ => throw new IOException("the disk"), default));
        Assert.Null(other.Take(Key));
        WaitOut(other);
        Assert.NotNull(other.Take(Key));
        Assert.Throws<OperationCanceledException>(() => held.Run<int>(_ => throw new IOException("the folder is gone"), default));
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public void The_lease_of_a_process_that_ended_on_this_machine_is_taken_over_at_once()
    {
        if (LeaseHolder.Here.Place is null) return;
        var files = new SharedFiles();
        files.Of(0).Create($"{Key}.1", (LeaseHolder.Here with { Start = LeaseHolder.Here.Start - 1 }).Line());
        Assert.NotNull(Leases(files, 1).Take(Key));
        files.Of(0).Create("other.1", LeaseHolder.Here.Line());
        Assert.Null(Leases(files, 1).Take("other"));
        files.Of(0).Create("far.1", (LeaseHolder.Here with { Start = 1, Place = "elsewhere" }).Line());
        Assert.Null(Leases(files, 1).Take("far"));
    }

    [Fact]
    public void Who_holds_a_cell_and_what_it_does_is_known_to_all()
    {
        var files = new SharedFiles();
        var (holder, other) = (Leases(files, 0), Leases(files, 1));
        Assert.Null(other.Find(Key));
        var held = holder.Take(Key)!;
        held.Report("training", 0.25);
        holder.Beat();
        var (state, _) = other.Find(Key)!.Value;
        Assert.Equal((Environment.MachineName, Environment.ProcessId), (state.Holder!.Host, state.Holder.Process));
        Assert.Equal(("training", 0.25), (state.Phase, state.Share));
        held.Dispose();
        Assert.Null(other.Find(Key));
    }

    private CellLeases Leases(SharedFiles files, int actor, ManualClock? clock = null) => new(files.Of(actor), Silence, clock ?? _early);

    private void WaitOut(CellLeases observer)
    {
        for (var i = 0; i < 12; i++)
        {
            observer.Beat();
            _early.Pass(10);
            _late.Pass(10);
        }
    }
}
