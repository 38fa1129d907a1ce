using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class TrainingRanksTests
{
    private static readonly string[] Files = ["model.safetensors", "optimizer.safetensors", "average.safetensors", "training.json"];

    [Theory]
    [InlineData(2, false, null)]
    [InlineData(4, false, null)]
    [InlineData(8, false, null)]
    [InlineData(2, true, null)]
    [InlineData(4, true, 1)]
    public void Any_number_of_ranks_that_divides_the_shards_gives_the_bits_of_one_process(int count, bool replayed, int? partSize)
    {
        using var folder = new TemporaryFolder();
        var options = SmallRun.Settings(shards: 8, checkpointEvery: 10, batchSize: 17) with { PartSize = partSize };
        var alone = new SmallRun(options, replayed: replayed);
        var expected = alone.Loop.Run(folder["one"]);
        var runs = ThreadRanks.Run(count, ranks =>
        {
            var run = new SmallRun(options, replayed: replayed, ranks: ranks);
            return (Summary: run.Loop.Run(folder["many"]), run.Weights);
        });
        Assert.All(runs, run => Assert.Equal(alone.Weights, run.Weights));
        Assert.All(runs, run => Assert.Equal(expected.Loss, run.Summary.Loss));
        AssertSame(folder["one"], folder["many"]);
        Assert.Equal(Rows(folder["one"]), Rows(folder["many"]));
    }

    [Fact]
    public void A_run_that_was_stopped_on_one_rank_goes_on_with_another_number_of_ranks()
    {
        using var folder = new TemporaryFolder();
        var options = SmallRun.Settings(shards: 4, checkpointEvery: 5, batchSize: 8);
        new SmallRun(options).Loop.Run(folder["one"]);
        foreach (var (count, last) in ((int, int)[])[(4, 6), (2, 12), (4, 15), (1, 20)])
        {
            ThreadRanks.Run(count, ranks =>
            {
                // Not the rank that writes the checkpoint.
                using var stop = new StopAfter(ranks.Rank == count - 1 ? last : int.MaxValue);
                return new SmallRun(options, ranks: ranks, progress: stop).Loop.Resume(folder["many"], stop.Token);
            });
        }

        AssertSame(folder["one"], folder["many"]);
    }

    [Fact]
    public void The_optimiser_keeps_the_state_of_its_own_parameters_alone()
    {
        var sizes = ThreadRanks.Run(2, ranks =>
        {
            var run = new SmallRun(SmallRun.Settings(shards: 2), ranks: ranks);
            run.Loop.Run();
            return run.Optimizer.StateLength;
        });
        var run = new SmallRun(SmallRun.Settings(shards: 2));
        Assert.Equal(run.Optimizer.StateLength, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 1, run.Optimizer.StateLength - 1));
    }

    [Fact]
    public void Parameters_that_get_no_gradient_stay_as_they_are_on_every_rank()
    {
        float[] Train(TrainingRanks? ranks)
        {
            var (used, unused) = (new Linear(3, 2, new RandomSource(1)), new Linear(3, 2, new RandomSource(2)));
            var model = new Pair(used, unused);
            var loop = new TrainingLoop(model, new AdamW(ParameterGroups.All(model, 0.1)),
                new TrainingOptions { Steps = 4, BatchSize = 4, Shards = 4 }, (pass, batch) =>
                {
                    // The second layer is met late, and by one shard only.
                    var layer = batch.Step >= 2 && batch.Shard == 3 ? unused : used;
                    var x = Tensor.Normal([batch.Count, 3], batch.Random);
                    return pass.MeanSquaredError(layer.Forward(x, pass), Tensor.Full([batch.Count, 2], 1));
                })
            { Ranks = ranks };
            loop.Run();
            return [.. model.Parameters().SelectMany(p => p.Value.ToArray())];
        }

        var alone = Train(null);
        Assert.All(ThreadRanks.Run(4, Train), weights => Assert.Equal(alone, weights));
    }

    [Fact]
    public void A_number_of_ranks_that_does_not_divide_the_shards_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => ThreadRanks.Run(3, ranks =>
            new SmallRun(SmallRun.Settings(shards: 4), ranks: ranks).Loop.Run()));
        Assert.Contains("3 ranks do not divide 4 shards", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_that_see_different_folders_are_refused()
    {
        using var folder = new TemporaryFolder();
        new SmallRun(SmallRun.Settings(shards: 2)).Loop.Run(folder["0"]);
        var error = Assert.Throws<IOException>(() => ThreadRanks.Run(2, ranks =>
            new SmallRun(SmallRun.Settings(shards: 2), ranks: ranks).Loop.Resume(folder[$"{ranks.Rank}"])));
        Assert.Contains("all ranks must see one folder", error.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(string one, string many)
    {
        foreach (var file in Files)
            Assert.Equal(File.ReadAllBytes(Path.Combine(one, "checkpoint-000020", file)),
                File.ReadAllBytes(Path.Combine(many, "checkpoint-000020", file)));
    }

    // The fifth column is the speed.
    private static IEnumerable<string> Rows(string folder) =>
        File.ReadLines(Path.Combine(folder, TrainingLoop.LogName)).Select(row => string.Join(',', row.Split(',').Where((_, i) => i != 4)));

    private sealed class Pair : Module
    {
        public Pair(Linear first, Linear second)
        {
            Add("first", first);
            Add("second", second);
        }
    }
}
