using CrossModal.Experiments.Leases;

namespace CrossModal.Experiments.Tests.Leases;

public sealed class LeaseFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_many_threads_that_make_a_file_of_one_name_one_succeeds_and_its_content_is_whole()
    {
        for (var round = 0; round < 30; round++)
        {
            var name = $"cell.{round}";
            var made = new bool[8];
            Parallel.For(0, made.Length, i => made[i] = new LeaseFolder(_folder["leases"]).Create(name, new string((char)('a' + i), 4000)));
            var winner = Array.IndexOf(made, true);
            Assert.Single(made, m => m);
            Assert.Equal(new string((char)('a' + winner), 4000), new LeaseFolder(_folder["leases"]).Read(name));
        }

        Assert.Equal(30, Directory.GetFiles(_folder["leases"]).Length);
    }

    [Fact]
    public void What_is_not_there_is_said_and_nothing_is_made_in_its_place()
    {
        var files = new LeaseFolder(_folder["leases"]);
        Assert.Empty(files.Names());
        Assert.False(files.Append("cell.1", "x"));
        Assert.Null(files.Read("cell.1"));
        files.Delete("cell.1");
        Assert.Null(files.Age("cell.1"));
        Assert.False(Directory.Exists(_folder["leases"]));
        Assert.True(files.Create("cell.1", "a\n"));
        Assert.True(files.Append("cell.1", "b\n"));
        Assert.Equal("a\nb\n", files.Read("cell.1"));
        Assert.InRange(files.Age("cell.1")!.Value.TotalSeconds, 0, 60);
        Assert.Equal(["cell.1"], files.Names());
    }

    [Fact]
    public void A_comparison_that_vanishes_ends_its_leases_and_is_not_begun_anew_in_an_empty_place()
    {
        var comparison = _folder["comparison"];
        var leases = new CellLeases(new LeaseFolder(Path.Combine(comparison, "leases")), TimeSpan.FromMinutes(1), new ManualClock());
        var held = leases.Take("cell")!;
        Directory.Delete(comparison, recursive: true);
        leases.Beat();
        Assert.True(held.Lost.IsCancellationRequested);
        Assert.EndsWith("the folder of the comparison has vanished", Assert.Throws<IOException>(() => leases.Take("cell")).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(comparison));
    }
}
