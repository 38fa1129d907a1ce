using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Checkpoints;

/// <summary>Damaged checkpoint folders give a model or one clear error, in memory of four times their size.</summary>
public sealed class CheckpointFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_weights() => Check(new PublishedFolder("blip_2_qformer") { QueryLayers = 1 }, "model.safetensors", 61);

    [Fact]
    public void Damaged_configurations() => Check(new PublishedFolder("blip_2_qformer") { QueryLayers = 1 }, "config.json", 62);

    [Fact]
    public void Damaged_indices() => Check(new PublishedFolder("blip_2_qformer") { Shards = 2 }, "model.safetensors.index.json", 63, () =>
    {
        using var shards = new SafeTensorsShards(_folder["model.safetensors.index.json"]);
        Assert.NotEmpty(shards.Names);
    });

    [Theory]
    [InlineData("clip")]
    [InlineData("blip")]
    [InlineData("vilt")]
    [InlineData("lxmert")]
    public void Damaged_anything(string kind) => Check(new PublishedFolder(kind), null, 64, attempts: 300);

    private void Check(PublishedFolder written, string? file, int seed, Action? load = null, int attempts = Mutation.Attempts)
    {
        load ??= () => PublishedModel.Load(_folder.Path);
        written.Write(_folder.Path);
        var good = Directory.GetFiles(_folder.Path).Where(p => file is null || Path.GetFileName(p) == file).Order()
            .ToDictionary(p => p, File.ReadAllBytes);
        var total = Directory.GetFiles(_folder.Path).Sum(p => new FileInfo(p).Length);

        // What any model of this kind costs: its modules, the rules of its names.
        load();
        var before = GC.GetAllocatedBytesForCurrentThread();
        load();
        var fixedCost = GC.GetAllocatedBytesForCurrentThread() - before;
        var turn = 0;
        Mutation.Check([.. good.Values], stream =>
        {
            var (path, original) = good.ElementAt(turn++ % good.Count);
            using (var damaged = File.Create(path)) stream.CopyTo(damaged);
            try
            {
                load();
            }
            finally
            {
                if (good.Count > 1) File.WriteAllBytes(path, original);
            }
        }, seed, mostMemory: _ => 4 * total + fixedCost + (1 << 20), prefix: _folder.Path, attempts: attempts);
    }
}
