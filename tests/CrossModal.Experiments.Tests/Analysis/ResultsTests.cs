using System.IO.Compression;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Tests.Cells;

namespace CrossModal.Experiments.Tests.Analysis;

public sealed class ResultsTests
{
    private static readonly bool[] Better = [true, true, true, true, true, true, false, true];
    private static readonly bool[] Worse = [true, false, true, false, true, false, false, false];

    [Fact]
    public void Cells_of_a_variant_are_one_row_over_its_seeds()
    {
        var results = new Results(Comparison());
        Assert.Equal(["worse", "better"], results.Rows.Select(r => r.Variant));
        Assert.Equal([0ul, 1ul], results.Rows[0].Seeds);
        Assert.Equal((6, 16), (results.Rows[0].Success("S0")!.Count, results.Rows[0].Success("S0")!.Of));
        Assert.Null(results.Rows[0].Success("Z1"));
        Assert.Equal(["better", "worse"], results.Ranking("S0").Select(r => r.Variant));
        Assert.Equal(["S0"], results.Splits);
    }

    [Fact]
    public void A_paired_test_compares_two_rows_on_the_same_episodes()
    {
        var test = Assert.Single(new Results(Comparison()).Neighbours("S0"));
        Assert.Equal(("better", "worse", 2), (test.First.Variant, test.Second.Variant, test.Runs));
        Assert.Equal(0.5, test.Difference.Value, 12);
        Assert.Equal((8, 0), (test.Test.OnlyFirst, test.Test.OnlySecond));
        Assert.Equal(2 * Math.Pow(0.5, 8), test.Test.PValue, 12);
        Assert.Equal(test.Test.PValue, test.Adjusted);
        Assert.True(test.IsSignificant);
    }

    [Fact]
    public void Results_may_be_packed()
    {
        using var folder = new TemporaryFolder();
        ComparisonFile.WriteResults(folder["plain.json"], Comparison());
        using (var packed = new GZipStream(File.Create(folder["results.json.gz"]), CompressionLevel.SmallestSize))
            packed.Write(File.ReadAllBytes(folder["plain.json"]));
        Assert.Equal(6, Results.Load(folder.Path).Rows[0].Success("S0")!.Count);

        // What a run left is newer than what was packed.
        ComparisonFile.WriteResults(folder["results.json"], Comparison() with { Cells = [] });
        Assert.Empty(Results.Load(folder.Path).Rows);
        File.Delete(folder["results.json"]);
        var half = File.ReadAllBytes(folder["results.json.gz"]);
        File.WriteAllBytes(folder["results.json.gz"], [.. half.Take(20), .. new byte[20]]);
        Assert.Contains("results.json.gz", Assert.Throws<FileFormatException>(() => Results.Load(folder.Path)).Message);
    }

    [Fact]
    public void Results_are_loaded_from_their_file_or_its_folder()
    {
        using var folder = new TemporaryFolder();
        ComparisonFile.WriteResults(folder["results.json"], Comparison());
        foreach (var path in (string[])[folder.Path, folder["results.json"]])
            Assert.Equal("6 of 16", $"{Results.Load(path).Rows[0].Success("S0")!.Count} of {Results.Load(path).Rows[0].Success("S0")!.Of}");
        File.WriteAllText(folder["results.json"], "{}");
        Assert.Contains("results.json", Assert.Throws<FileFormatException>(() => Results.Load(folder.Path)).Message);
        Assert.ThrowsAny<IOException>(() => Results.Load(folder["nothing.json"]));
    }

    private static ComparisonResults Comparison() => new()
    {
        Version = "0.1.0",
        Command = "crossmodal compare",
        Protocol = "own",
        Machine = "one",
        Seeds = [0, 1],
        CellSeconds = 1,
        WallSeconds = 1,
        Cells = [.. from row in new[] { ("worse", Worse), ("better", Better) } from seed in new ulong[] { 0, 1 }
            select new ComparedCell(new CellPlace(ComparisonGroups.Strategies, row.Item1, row.Item1, CellRole.Final),
                Cell(row.Item1, seed, row.Item2))],
    };

    private static CellResult Cell(string variant, ulong seed, bool[] succeeded)
    {
        var cell = SampleCells.Result(key: $"{variant}{seed}");
        return cell with
        {
            Configuration = cell.Configuration with { Recipe = cell.Configuration.Recipe with { Seed = seed } },
            Tests = [SampleCells.Test("pick", "S0", succeeded)],
        };
    }
}
