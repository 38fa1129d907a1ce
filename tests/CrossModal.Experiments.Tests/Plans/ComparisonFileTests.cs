using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Tests.Cells;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Experiments.Tests.Plans;

public sealed class ComparisonFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "cell.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_cell_comes_back_as_it_was_written()
    {
        var written = SampleCells.Result();
        CellFile.Write(Path, written);
        var read = CellFile.Read(Path);
        Assert.Equal(Text(written), Text(read));
        Assert.Equal(6, read.Tests[0].Successes);
        Assert.Equal(WilsonInterval.Of(6, 9), read.Tests[0].Success);
        Assert.Equal(3, read.Tests[0].Failures[FailureReason.Timeout]);
        Assert.Equal((1, 4, 3, 2.0), (read.Learning[0].Successes, read.Learning[0].Episodes, read.Learning[0].Pointed,
            read.Learning[0].TargetErrorCentimetres));
        Assert.Equal(8, read.Grounding[0].Lift, 6);
        Assert.Same(read.Tests[0], read.Find("pick", "S0"));
        Assert.Null(read.Find("pick", "Z1"));

        // What is computed from the rest is not written: two truths could differ.
        Assert.DoesNotContain("successes\":6", File.ReadAllText(Path));
    }

    [Fact]
    public void A_byte_order_mark_is_read_over_and_UTF_16_is_named()
    {
        CellFile.Write(Path, SampleCells.Result());
        var text = File.ReadAllText(Path);
        File.WriteAllText(Path, text, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        CellFile.Read(Path);
        File.WriteAllText(Path, text, System.Text.Encoding.Unicode);
        Assert.StartsWith($"{Path}: is UTF-16 text", Assert.Throws<FileFormatException>(() => CellFile.Read(Path)).Message);
    }

    [Fact]
    public void Results_come_back_as_they_were_written()
    {
        var path = System.IO.Path.Combine(_folder, "results.json");
        var results = new ComparisonResults
        {
            Version = "0",
            Command = "crossmodal compare",
            Protocol = "quick",
            Machine = "a machine",
            Seeds = [0, 1],
            CellSeconds = 10,
            WallSeconds = 5,
            Missing = ["x"],
            Speeds = [new SpeedRecord("x", 1, 0.5, 2)],
            Cells = [new ComparedCell(new CellPlace("strategies", "cross-attention-1", "Cross-Attention, 1 layer", CellRole.Final),
                SampleCells.Result())],
        };
        results = results with
        {
            Cells = [.. results.Cells,
            results.Cells[0] with { Place = results.Cells[0].Place with { Group = "depth", Setting = "1" } }]
        };
        Assert.Equal(1, results.Finished);
        ComparisonFile.WriteResults(path, results);
        Assert.Equal(JsonSerializer.Serialize(results, ComparisonFile.Json),
            JsonSerializer.Serialize(ComparisonFile.ReadResults(path), ComparisonFile.Json));
        Assert.Contains(path, Assert.Throws<FileFormatException>(() => CellFile.Read(path)).Message);
    }

    [Fact]
    public void A_protocol_that_says_nothing_of_further_seeds_is_read_and_one_that_names_no_row_is_at_fault()
    {
        ComparisonFile.WriteProtocol(Path, ComparisonProtocols.Full);
        Assert.Equal(3, ComparisonFile.ReadProtocol(Path).Seeds.More!.Count);
        var json = JsonNode.Parse(File.ReadAllText(Path))!.AsObject();
        json["seeds"]!.AsObject().Remove("more");
        File.WriteAllText(Path, json.ToJsonString());
        Assert.Null(ComparisonFile.ReadProtocol(Path).Seeds.More);

        json["seeds"]!["more"] = JsonNode.Parse("""[{"rows": ["cross-attention-9"], "seeds": [3]}]""");
        File.WriteAllText(Path, json.ToJsonString());
        Assert.Contains("'more' of 'seeds': there is no row 'cross-attention-9'; there are concat-pooled, ",
            Assert.Throws<FileFormatException>(() => ComparisonFile.ReadProtocol(Path)).Message);
        json["seeds"]!["more"] = JsonNode.Parse("""[{"rows": [], "seeds": [3]}]""");
        File.WriteAllText(Path, json.ToJsonString());
        Assert.Contains("must name at least one row", Assert.Throws<FileFormatException>(() => ComparisonFile.ReadProtocol(Path)).Message);
    }

    [Fact]
    public void A_damaged_file_gives_one_error_that_names_it()
    {
        Fault("is damaged", () => File.WriteAllText(Path, File.ReadAllText(Path)[..200]));
        Fault("is damaged", () => File.WriteAllText(Path, ""));
        Fault("is not of the format 'crossmodal-cell/1'", () => File.WriteAllText(Path, "{}"));
        Fault("is not of the format", () => File.WriteAllText(Path, "[1]"));
        Fault("is not of the format", json => json["schema"] = "crossmodal-cell/2");
        Fault("is damaged", json => json.Remove("key"));
        Fault("is damaged", json => json["tests"]![0]!["succeeded"] = "AA==");
        Fault("is damaged", json => json["tests"]![0]!["pointed"] = "?");
        Fault("is damaged", json => json["timing"]!["learningSeconds"] = new JsonArray());
        Fault("is damaged", json => json["tests"] = null);
    }

    [Fact]
    public void Answers_of_any_number_of_episodes_come_back()
    {
        var random = new Random(1);
        for (var count = 0; count < 40; count++)
        {
            var answers = Enumerable.Range(0, count).Select(_ => random.Next(2) == 1).ToArray();
            Assert.Equal(answers, EpisodeBits.Decode(EpisodeBits.Encode(answers), count));
        }

        Assert.Equal("gA==", EpisodeBits.Encode([true]));
        Assert.Throws<FormatException>(() => EpisodeBits.Decode("gA==", 9));
    }

    private void Fault(string problem, Action<JsonObject> spoil) => Fault(problem, () =>
    {
        var json = JsonNode.Parse(File.ReadAllText(Path))!.AsObject();
        spoil(json);
        File.WriteAllText(Path, json.ToJsonString());
    });

    private void Fault(string problem, Action spoil)
    {
        // A result that is there stays.
        File.Delete(Path);
        CellFile.Write(Path, SampleCells.Result());
        spoil();
        var error = Assert.Throws<FileFormatException>(() => CellFile.Read(Path));
        Assert.StartsWith($"{Path}: ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    private static string Text(CellResult cell) => JsonSerializer.Serialize(cell, ExperimentFile.Json);
}
