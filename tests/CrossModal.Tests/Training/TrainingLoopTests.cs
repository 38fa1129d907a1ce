using System.Text.Json.Nodes;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class TrainingLoopTests
{
    [Theory]
    [InlineData(1, 6, null, false)]
    [InlineData(2, 6, null, false)]
    [InlineData(3, 7, null, false)]
    [InlineData(1, 6, null, true)]
    [InlineData(3, 7, null, true)]
    [InlineData(2, 7, 2, true)]
    public void A_killed_and_resumed_run_gives_the_bits_of_an_unbroken_one(int shards, int batchSize, int? partSize, bool replayed)
    {
        using var folder = new TemporaryFolder();
        var options = SmallRun.Settings(shards, checkpointEvery: 10, batchSize) with { PartSize = partSize };
        var unbroken = new SmallRun(options, replayed: replayed);
        unbroken.Loop.Run(folder["unbroken"]);

        // The kill comes in step 14, four steps after the last checkpoint.
        var killed = new SmallRun(options, factor: batch => batch.Step == 13 ? throw new TimeoutException("killed") : 1,
            replayed: replayed);
        Assert.Throws<TimeoutException>(() => killed.Loop.Run(folder["broken"]));
        File.AppendAllText(folder["broken", "losses.csv"], "14,0.12");
        var resumed = new SmallRun(options, replayed: replayed);
        var summary = resumed.Loop.Resume(folder["broken"]);

        Assert.Equal(SmallRun.Steps, summary.Step);
        Assert.Equal(unbroken.Weights, resumed.Weights);
        Assert.Equal(Numbers(unbroken.Loop.Average!), Numbers(resumed.Loop.Average!));
        Assert.Equal(WithoutSpeed(folder["unbroken", "losses.csv"]), WithoutSpeed(folder["broken", "losses.csv"]));
        foreach (var file in (string[])["model.safetensors", "optimizer.safetensors", "average.safetensors", "training.json"])
        {
            Assert.Equal(
                File.ReadAllBytes(folder["unbroken", "checkpoint-000020", file]),
                File.ReadAllBytes(folder["broken", "checkpoint-000020", file]));
        }
    }

    [Fact]
    public void Two_runs_of_one_seed_give_the_same_bits_and_another_seed_gives_others()
    {
        float[] Train(ulong seed)
        {
            var run = new SmallRun(SmallRun.Settings(shards: 2) with { Seed = seed });
            run.Loop.Run();
            return run.Weights;
        }

        Assert.Equal(Train(5), Train(5));
        Assert.NotEqual(Train(5), Train(6));
    }

    [Fact]
    public void Shards_of_unequal_size_add_up_to_the_gradient_of_the_whole_batch()
    {
        // Without dropout and noise only rounding depends on the number of shards.
        float[] Train(int shards)
        {
            var model = new Linear(3, 1, new RandomSource(1));
            var optimizer = new Sgd(ParameterGroups.All(model), 0.1);
            var options = new TrainingOptions { Steps = 5, BatchSize = 7, Shards = shards };
            new TrainingLoop(model, optimizer, options, (pass, batch) =>
            {
                var all = Tensor.Normal([7, 3], batch.BatchRandom);
                var x = Tensor.From(all.Span.Slice(batch.First * 3, batch.Count * 3).ToArray(), [batch.Count, 3]);
                return pass.MeanSquaredError(model.Forward(x, pass), Tensor.Full([batch.Count, 1], 1));
            }).Run();
            return [.. model.Weight.ToArray(), .. model.Bias!.ToArray()];
        }

        var whole = Train(1);
        foreach (var shards in (int[])[2, 3, 7])
            foreach (var (a, b) in whole.Zip(Train(shards))) Assert.Equal(a, b, 1e-5f);
    }

    [Fact]
    public void Training_lowers_the_loss()
    {
        var watcher = new Watcher();
        new SmallRun(SmallRun.Settings() with { Steps = 200, Schedule = Schedule.Constant() }, watcher).Loop.Run();
        Assert.True(watcher.Reports[^1].Loss < 0.5 * watcher.Reports[0].Loss);
    }

    [Fact]
    public void Reports_count_the_steps_and_carry_rate_norm_and_metrics()
    {
        var watcher = new Watcher();
        var run = new SmallRun(SmallRun.Settings(shards: 2), watcher);
        run.Loop.Run();
        Assert.Equal((0, SmallRun.Steps), watcher.Begun);
        Assert.Equal(Enumerable.Range(1, SmallRun.Steps), watcher.Reports.Select(r => r.Step));
        Assert.Equal(watcher.Reports.Select((_, i) => 0.01 * run.Options.Schedule.Factor(i)), watcher.Reports.Select(r => r.LearningRate));
        // Two shards of three samples, first samples 0 and 3: mean 1.5.
        Assert.All(watcher.Reports, r => Assert.Equal(new KeyValuePair<string, double>("first", 1.5), r.Metrics[0]));
        Assert.All(watcher.Reports, r => Assert.True(r.GradientNorm > 0 && r.SamplesPerSecond > 0 && r.TimeLeft >= TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, watcher.Reports[^1].TimeLeft);
        Assert.False(watcher.Summary!.Cancelled);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_loss_that_is_not_finite_stops_with_the_step_and_leaves_the_weights(float bad)
    {
        float[]? before = null;
        SmallRun run = null!;
        run = new SmallRun(factor: batch =>
        {
            if (batch.Step != 6) return 1;
            before = run.Weights;
            return bad;
        });
        var error = Assert.Throws<TrainingDivergedException>(() => run.Loop.Run());
        Assert.Equal(7, error.Step);
        Assert.Contains("step 7", error.Message);
        Assert.Equal(before, run.Weights);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_stops_with_the_step()
    {
        var model = new Bag(("w", Tensor.Full([1], 0)));
        // √0 is finite, its slope is not.
        var loop = new TrainingLoop(model, new Sgd(ParameterGroups.All(model), 0.1), new TrainingOptions { Steps = 3, Shards = 1 },
            (pass, _) => pass.Sum(pass.Sqrt(model["w"])));
        Assert.Contains("step 1: the norm of the gradient", Assert.Throws<TrainingDivergedException>(() => loop.Run()).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Weights_that_overflow_at_the_last_update_are_neither_returned_nor_saved(int steps)
    {
        using var folder = new TemporaryFolder();
        var model = new Bag(("w", Tensor.Full([1], 1)));
        // The gradient is 2 throughout and the loss finite: 1 − 2·3e38 is not.
        var options = new TrainingOptions
        {
            Steps = steps,
            Shards = 1,
            CheckpointEvery = 1,
            Schedule = Schedule.Constant(warmUp: steps - 1)
        };
        var loop = new TrainingLoop(model, new Sgd(ParameterGroups.All(model), 3e38), options, (pass, batch) =>
            pass.Scale(pass.Sum(model["w"]), batch.Step == steps - 1 ? 2 : 0));
        var error = Assert.Throws<TrainingDivergedException>(() => loop.Run(folder["run"]));
        Assert.Equal(steps, error.Step);
        Assert.Contains("the weights 'w' are not finite", error.Message);
        Assert.Equal(steps > 1 ? steps - 1 : null, Checkpoint.Newest(folder["run"])?.Info.Step);
    }

    [Fact]
    public void Cancelling_finishes_the_step_writes_a_checkpoint_and_the_rest_can_follow()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var unbroken = new SmallRun();
        unbroken.Loop.Run();
        var watcher = new Watcher { OnStep = report => { if (report.Step == 7) cancellation.Cancel(); } };
        var summary = new SmallRun(progress: watcher).Loop.Run(folder["run"], cancellation.Token);
        Assert.True(summary.Cancelled);
        Assert.Equal(7, summary.Step);
        Assert.Equal(7, Checkpoint.Newest(folder["run"])!.Info.Step);
        Assert.Equal(7, LossLog.Read(folder["run", "losses.csv"])["step"].Length);

        var resumed = new SmallRun();
        resumed.Loop.Resume(folder["run"]);
        Assert.Equal(unbroken.Weights, resumed.Weights);
    }

    [Fact]
    public void A_new_run_does_not_write_over_another()
    {
        using var folder = new TemporaryFolder();
        new SmallRun().Loop.Run(folder["run"]);
        Assert.Contains("checkpoint-000020", Assert.Throws<IOException>(() => new SmallRun().Loop.Run(folder["run"])).Message);
    }

    [Fact]
    public void Resuming_with_another_seed_batch_or_number_of_shards_is_refused()
    {
        using var folder = new TemporaryFolder();
        var options = SmallRun.Settings(shards: 2);
        new SmallRun(options).Loop.Run(folder["run"]);
        string Refusal(TrainingOptions other) => Assert.Throws<IOException>(() => new SmallRun(other).Loop.Resume(folder["run"])).Message;
        Assert.Contains("seed 5, the options say 6", Refusal(options with { Seed = 6 }));
        Assert.Contains("batch size 6, the options say 8", Refusal(options with { BatchSize = 8 }));
        Assert.Contains("number of shards 2, the options say 1", Refusal(options with { Shards = 1 }));
        Assert.Contains("part size 0, the options say 2", Refusal(options with { PartSize = 2 }));
        // Left open, the number of shards is that of the run.
        Assert.Equal(SmallRun.Steps, new SmallRun(options with { Shards = null }).Loop.Resume(folder["run"]).Step);
    }

    [Fact]
    public void Resuming_with_another_configuration_is_refused()
    {
        using var folder = new TemporaryFolder();
        new SmallRun(configuration: Rate(0.1f)).Loop.Run(folder["run"]);
        TrainingSummary Resume(float rate) => new SmallRun(configuration: Rate(rate)).Loop.Resume(folder["run"]);
        JsonObject Rate(float rate) => new() { ["rate"] = rate };

        Assert.Equal(SmallRun.Steps, Resume(0.1f).Step);
        Assert.Contains("another configuration", Assert.Throws<IOException>(() => Resume(0.2f)).Message);
    }

    [Fact]
    public void Resuming_where_nothing_is_begins_a_run()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(SmallRun.Steps, new SmallRun().Loop.Resume(folder["run"]).Step);
    }

    [Theory]
    [InlineData(0, 6, 1, "Steps")]
    [InlineData(5, 0, 1, "BatchSize")]
    [InlineData(5, 6, 7, "Shards")]
    public void Bad_options_are_refused_by_name(int steps, int batchSize, int shards, string name) => Assert.Contains(
        name, Assert.Throws<ArgumentException>(() =>
            new SmallRun(SmallRun.Settings(shards) with { Steps = steps, BatchSize = batchSize })).Message);

    [Fact]
    public void All_memory_returns_to_the_pool_even_after_a_failure()
    {
        var pool = new TensorPool(poison: true);
        new SmallRun(SmallRun.Settings(shards: 2), pool: pool).Loop.Run();
        Assert.Equal(0, pool.Outstanding);
        var failing = new SmallRun(SmallRun.Settings(shards: 2), factor: b => b is { Step: 3, Shard: 1 } ? throw new TimeoutException() : 1,
            pool: pool);
        Assert.Throws<TimeoutException>(() => failing.Loop.Run());
        Assert.Equal(0, pool.Outstanding);
        var options = SmallRun.Settings(shards: 2, batchSize: 7) with { PartSize = 2 };
        new SmallRun(options, pool: pool, replayed: true).Loop.Run();
        Assert.Equal(0, pool.Outstanding);
        failing = new SmallRun(options, factor: b => b is { Step: 3, Shard: 3 } ? throw new TimeoutException() : 1, pool: pool,
            replayed: true);
        Assert.Throws<TimeoutException>(() => failing.Loop.Run());
        Assert.Equal(0, pool.Outstanding);
    }

    [Theory]
    [InlineData(1, 6, null)]
    [InlineData(2, 7, null)]
    [InlineData(2, 7, 2)]
    [InlineData(1, 7, 3)]
    public void A_replayed_run_gives_the_bits_of_one_that_is_built_anew(int shards, int batchSize, int? partSize)
    {
        var options = SmallRun.Settings(shards, batchSize: batchSize) with { PartSize = partSize };
        var (eager, replayed) = (new Watcher(), new Watcher());
        var (a, b) = (new SmallRun(options, eager), new SmallRun(options, replayed, replayed: true));
        a.Loop.Run();
        b.Loop.Run();
        Assert.Equal(a.Weights, b.Weights);
        Assert.Equal(eager.Reports.Select(r => (r.Loss, r.GradientNorm)), replayed.Reports.Select(r => (r.Loss, r.GradientNorm)));
        Assert.Equal(eager.Reports.SelectMany(r => r.Metrics), replayed.Reports.SelectMany(r => r.Metrics));
    }

    [Fact]
    public void Parts_add_up_to_the_gradient_of_the_whole_shard()
    {
        // The first step sees the same numbers, whatever the parts, but for their noise and dropout: without both only rounding is left.
        double[] Norms(int? partSize)
        {
            var model = new Linear(3, 1, new RandomSource(1));
            var options = new TrainingOptions { Steps = 5, BatchSize = 7, Shards = 2, PartSize = partSize };
            var watcher = new Watcher();
            new TrainingLoop(model, new Sgd(ParameterGroups.All(model), 0.1), options, (pass, batch) =>
            {
                var all = Tensor.Normal([7, 3], batch.BatchRandom);
                var x = Tensor.From(all.Span.Slice(batch.First * 3, batch.Count * 3).ToArray(), [batch.Count, 3]);
                return pass.MeanSquaredError(model.Forward(x, pass), Tensor.Full([batch.Count, 1], 1));
            })
            { Progress = watcher }.Run();
            return [.. watcher.Reports.Select(r => r.GradientNorm)];
        }

        var whole = Norms(null);
        foreach (var size in (int[])[1, 2, 3, 100])
            foreach (var (a, b) in whole.Zip(Norms(size))) Assert.Equal(a, b, 1e-5);
    }

    [Theory]
    [InlineData(1, null, false)]
    [InlineData(1, 3, true)]
    [InlineData(2, 2, true)]
    public void A_replayed_step_allocates_at_most_a_kilobyte(int shards, int? partSize, bool logged)
    {
        using var folder = new TemporaryFolder();
        var watcher = new Allocations();
        var options = SmallRun.Settings(shards, batchSize: 8) with { Steps = 300, PartSize = partSize };
        var run = new SmallRun(options, watcher, replayed: true);
        if (logged) run.Loop.Run(folder["run"]);
        else run.Loop.Run();

        // The least of several stretches: now and then the runtime allocates for itself.
        var least = Enumerable.Range(2, 4).Min(i => watcher.Bytes[50 * i + 49] - watcher.Bytes[50 * i]) / 49.0;
        Assert.True(least <= 1024, $"{least} bytes a step");
    }

    [Fact]
    public void A_loss_that_is_not_one_number_is_refused_with_its_shape()
    {
        var model = new Linear(2, 2, new RandomSource(1));
        var loop = new TrainingLoop(model, new Sgd(ParameterGroups.All(model), 0.1), new TrainingOptions { Steps = 1, Shards = 1 },
            (pass, _) => model.Forward(Tensor.Zeros([3, 2]), pass));
        Assert.Contains("[3,2]", Assert.Throws<ShapeException>(() => loop.Run()).Message);
    }

    [Fact]
    public void The_parts_of_a_batch_have_their_own_randomness_and_share_that_of_the_batch()
    {
        var (a, b) = (new TrainingBatch(1, 4, 0, 2, 7), new TrainingBatch(1, 4, 1, 2, 7));
        Assert.Equal((0, 3, 3, 4), (a.First, a.Count, b.First, b.Count));
        Assert.Equal(a.BatchRandom.NextUInt64(), b.BatchRandom.NextUInt64());
        ulong[] others = [a.Random.NextUInt64(), b.Random.NextUInt64(), a.PassRandom.NextUInt64(), b.PassRandom.NextUInt64(),
            new TrainingBatch(1, 5, 0, 2, 7).Random.NextUInt64()];
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    private static float[] Numbers(WeightAverage average) => [.. average.Values.SelectMany(v => v.Value.ToArray())];

    private static string[] WithoutSpeed(string path) => File.ReadAllLines(path).Select(line =>
    {
        var cells = line.Split(',');
        cells[4] = "";
        return string.Join(',', cells);
    }).ToArray();

    private sealed class Watcher : ITrainingProgress
    {
        public List<TrainingReport> Reports { get; } = [];

        public (int First, int Steps) Begun { get; private set; }

        public TrainingSummary? Summary { get; private set; }

        public Action<TrainingReport>? OnStep { get; init; }

        public void Started(int firstStep, int steps) => Begun = (firstStep, steps);

        public void Stepped(TrainingReport report)
        {
            Reports.Add(report);
            OnStep?.Invoke(report);
        }

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary) => Summary = summary;
    }

    private sealed class Allocations : ITrainingProgress
    {
        public List<long> Bytes { get; } = new(1000);

        public void Started(int firstStep, int steps)
        {
        }

        public void Stepped(TrainingReport report) => Bytes.Add(GC.GetAllocatedBytesForCurrentThread());

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary)
        {
        }
    }
}
