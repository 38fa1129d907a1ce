using System.Text.RegularExpressions;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>CONTRIBUTING's recipe for a strategy in a project of one's own, followed to the letter in a folder outside the
/// solution.</summary>
public sealed class StrategyRecipeTests : IDisposable
{
    private const string Assembly = "bin/Release/net10.0/FilmFusion.dll";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SdkFact]
    public void A_strategy_in_a_project_of_its_own_is_trained_evaluated_and_compared()
    {
        var (page, source) = Recipe();
        File.WriteAllText(_folder["FilmFusion.csproj"], Block(page, "xml"));
        File.WriteAllText(_folder["FilmFusion.cs"], source);
        var commands = Block(page, "sh").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["dotnet build", "crossmodal train", "crossmodal evaluate", "crossmodal compare"],
            commands.Select(c => string.Join(' ', c.Split(' ')[..2])));
        Assert.All(commands[1..], c => Assert.Contains($"--with {Assembly}", c));

        Build(commands[0]);
        string[] train = [.. Arguments(commands[1]), "--steps", "3", "--episodes", "1", "--dim", "16"];
        Right(train);
        Assert.True(File.Exists(_folder["runs/film/model.safetensors"]));
        Assert.Contains("film on pick", Right([.. Arguments(commands[2]), "--episodes", "1"]).Output);
        Right("demo", "--with", Assembly, "--strategy", "film", "--steps", "1", "--episodes", "1", "--out", "runs/filmdemo");
        Assert.Contains("film on pick",
            Right("evaluate", "--checkpoint", "runs/filmdemo", "--with", Assembly, "--episodes", "1").Output);
        Assert.Contains("one of your own is registered first",
            ToolRun.Apart(_folder.Path, "evaluate", "--checkpoint", "runs/film").OnlyError());
        Assert.EndsWith("film                         the mean word scales and shifts the channels of visual tokens, block after block",
            Right("fuse", "--strategy", "list", "--with", Assembly).Output.TrimEnd());

        Assert.EndsWith("the name 'film' is taken by a strategy there is: FiLM; see crossmodal fuse --help",
            ToolRun.Apart(_folder.Path, "fuse", "--with", Assembly, Assembly).OnlyError());

        // It has its row in the main table, with the seeds and budgets of the textbook's.
        ComparisonFile.WriteProtocol(_folder["tiny.json"], new ComparisonProtocol
        {
            Name = "tiny",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 2, Scenes = 2, Instructions = 2 },
            Seeds = new ProtocolSeeds([0, 1], [0]),
            Budgets = new ProtocolBudgets([0.5], 1),
            Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 0 },
        });
        string[] compare = [.. Arguments(commands[3].Replace("--quick", "--protocol tiny.json", StringComparison.Ordinal)), "--only",
            "film", "concat-pooled"];
        Right(compare);
        var results = new Results(ComparisonFile.ReadResults(_folder["runs/compare/results.json"]));
        Assert.Equal(["Concatenation, mean-pooled", "FiLM"], results.Rows.Select(r => r.Label));
        Assert.All(results.Rows, row => Assert.Equal(2, row.Cells.Count));
        Assert.Equal(["concat-pooled", "film"], results.Cells(CellRole.Budget).Select(c => c.Place.Variant).Order());
        Assert.Contains("FiLM", File.ReadAllText(_folder["runs/compare/report.html"]));
        Assert.Contains("6 of 6 cells finished", Right([.. compare, "--list"]).Output);

        // Without it the page would lose the row; with another build the results are another's.
        var run = ToolRun.Apart(_folder.Path, "compare", "--protocol", "tiny.json", "--only", "concat-pooled");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("results.json: has rows of film, which the library does not have; give --with the .dll", run.OnlyError());
        File.WriteAllText(_folder["FilmFusion.cs"], source.Replace("pass), 1, 1)", "pass), 1, 2)", StringComparison.Ordinal));
        Build(commands[0]);
        Assert.Contains("3 of 6 cells finished", Right([.. compare, "--list"]).Output);
        run = ToolRun.Apart(_folder.Path, train);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"runs/film: holds another run \(--with FilmFusion\.dll \(\w{16}\) -> FilmFusion\.dll \(\w{16}\)\)", run.OnlyError());
    }

    [SdkFact]
    public void A_strategy_that_fails_is_not_taken_for_a_fault_of_the_tool()
    {
        var (page, source) = Recipe();
        File.WriteAllText(_folder["FilmFusion.csproj"], Block(page, "xml"));
        File.WriteAllText(_folder["FilmFusion.cs"],
            source.Replace("return new FusionOutput(vision);", "throw new InvalidOperationException(\"not finished\");",
            StringComparison.Ordinal));
        Build(Block(page, "sh").Split('\n')[0]);
        var run = ToolRun.Apart(_folder.Path, "train", "--with", Assembly, "--strategy", "film", "--steps", "1", "--dim", "16");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("crossmodal: a strategy of --with failed: System.InvalidOperationException: not finished", run.Error);
        Assert.Contains("FilmFusion.Fuse", run.Error);
    }

    private static (string Page, string Source) Recipe() =>
        (File.ReadAllText(Path.Combine(ReferenceFolders.Repository, "CONTRIBUTING.md")).ReplaceLineEndings("\n"),
        File.ReadAllText(Path.Combine(ReferenceFolders.Repository, "samples/strategies/FilmFusion.cs")));

    private void Build(string command)
    {
        var build = ToolRun.Started("dotnet", _folder.Path,
            Arguments(command.Replace("FOLDER", AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar), StringComparison.Ordinal)));
        Assert.True(build.ExitCode == 0, build.Output + build.Error);
    }

    private ToolRun Right(params string[] args)
    {
        var run = ToolRun.Apart(_folder.Path, args);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', args)}\n{run.Output}{run.Error}");
        return run;
    }

    private static string[] Arguments(string command) => command.Split(' ')[1..];

    /// <summary>The first code block in a language.</summary>
    private static string Block(string page, string language) =>
        Regex.Match(page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
}
