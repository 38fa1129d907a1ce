using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Training that starts from another policy: what is taken, what is not, and which file is to blame.</summary>
public sealed class InitTests : IDisposable
{
    private static readonly FusionOptions Sizes = new(8, Heads: 2, Layers: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_damaged_file_is_named_and_no_other()
    {
        Save("good", Describe(Sizes));
        var (weights, description) = (File.ReadAllBytes(_folder["good/model.safetensors"]), File.ReadAllBytes(_folder["good/policy.json"]));

        // Cut off in the length of the header, in the header, in the data by much and by little.
        foreach (var length in (int[])[0, 3, 8, 2000, weights.Length / 2, weights.Length - 4])
            Damaged("model.safetensors", weights[..length]);
        Damaged("model.safetensors", [.. weights, 1, 2, 3, 4]);
        foreach (var length in (int[])[0, 100, description.Length / 2, description.Length - 2])
            Damaged("policy.json", description[..length]);

        void Damaged(string file, byte[] bytes)
        {
            Save("bad", Describe(Sizes));
            File.WriteAllBytes(_folder[$"bad/{file}"], bytes);
            foreach (var run in (ToolRun[])[Train("bad"), ToolRun.Of("evaluate", "--checkpoint", _folder["bad"])])
            {
                Assert.Equal(2, run.ExitCode);
                Assert.StartsWith($"crossmodal: {Path.Combine(_folder["bad"], file)}: ", run.OnlyError());
                Assert.DoesNotContain(file == "policy.json" ? "model.safetensors" : "policy.json", run.OnlyError());
            }
        }
    }

    [Fact]
    public void What_was_taken_and_what_is_new_is_said()
    {
        Save("same", Describe(Sizes));
        var run = Train("same");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches($@"Took \d+ of \d+ tensors from {System.Text.RegularExpressions.Regex.Escape(_folder["same"])}; newly drawn: pointer, actor, cues", run.Output);
    }

    [Theory]
    [InlineData(1, 0, "pointer.layers.1.weight [3,128]", "cues.weight [15,8]")]
    [InlineData(2, 0, null, "cues.weight [15,8]")]
    [InlineData(0, 15, "actor.layers.0.weight [128,13]", "pointer.layers.1.weight [6,128]")]
    public void Heads_of_other_shapes_are_warned_of_by_name(int points, int cues, string? there, string here)
    {
        Save("other", Describe(Sizes) with { Head = new HeadOptions(points, cues) });
        var run = Train("other");
        Assert.Equal(0, run.ExitCode);
        if (there is null) Assert.Empty(run.Error);
        else Assert.StartsWith(
            $"crossmodal: warning: --init {_folder["other"]}: not taken, since this policy has nothing of that name and shape: ",
            run.OnlyError());
        if (there is not null) Assert.Contains(there, run.Error);
        Assert.DoesNotContain(here, run.Error);
    }

    [Fact]
    public void Layers_that_find_no_place_are_warned_of()
    {
        Save("deep", Describe(Sizes with { Layers = 3 }));
        var run = Train("deep");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("not taken", run.OnlyError());
        Assert.Contains("fusion.layers.1.", run.Error);
        Assert.Matches(@" and \d+ more$", run.OnlyError());
    }

    [Theory]
    [InlineData("heads", "4 attention heads there, 2 attention heads here")]
    [InlineData("attention", "topk:8 over visual tokens there, softmax over visual tokens here")]
    [InlineData("positions", "visual positions 'Line' there, visual positions 'Grid' here")]
    [InlineData("pictures", "pictures of 96 pixels there, pictures of 64 pixels here")]
    public void Choices_that_no_shape_shows_are_warned_of(string choice, string warning)
    {
        var options = Describe(Sizes);
        Save("other", choice switch
        {
            "heads" => options with { Fusion = options.Fusion with { Heads = 4 } },
            "attention" => options with { Fusion = options.Fusion with { Vision = new VisionOptions { Attention = CrossModal.Attention.AttentionVariant.Parse("topk:8") } } },
            "positions" => options with { Perception = new PerceptionOptions { Positions = VisualPositions.Line } },
            _ => options with { ImageSize = 96 },
        });
        var run = Train("other");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(warning, run.OnlyError());
    }

    [Fact]
    public void A_policy_of_other_sizes_or_words_is_refused_in_a_short_line_that_names_it()
    {
        Save("shallow", Describe(Sizes));
        var run = Train("shallow", layers: "6");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"crossmodal: --init {_folder["shallow"]}: ", run.OnlyError());
        Assert.Contains("'fusion.layers.1.", run.Error);
        Assert.Matches(@"; \d+ more missing; see crossmodal train --help$", run.OnlyError());
        Assert.InRange(run.OnlyError().Length, 100, 700);

        var words = new WordTokenizer([.. TabletopPolicy.Tokenizer.Words.Reverse()]);
        var policy = new LanguagePolicy(Describe(Sizes), new RandomSource(1));
        PolicyFolder.Save(_folder["words"], new TrainedPolicy(policy, words, Normalization.Identity(3), Normalization.Identity(5),
            "tabletop/pick"));
        run = Train("words");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"--init {_folder["words"]}: TabletopLossSource: cannot start from a policy of other words", run.OnlyError());
    }

    private static PolicyOptions Describe(FusionOptions fusion) =>
        TabletopLossSource.Describe("cross-attention", fusion, new TabletopRecipe());

    private void Save(string name, PolicyOptions options) => PolicyFolder.Save(_folder[name], new TrainedPolicy(
        new LanguagePolicy(options, new RandomSource(3)), TabletopPolicy.Tokenizer, Normalization.Identity(3), Normalization.Identity(5),
            "tabletop/pick"));

    private ToolRun Train(string init, string layers = "1") => ToolRun.Of(
        "train", "--init", _folder[init], "--dim", "8", "--heads", "2", "--layers", layers, "--steps", "1", "--episodes", "1", "--out",
            _folder[$"run-{init}"]);
}
