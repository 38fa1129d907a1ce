using System.IO.Compression;
using System.Xml.Linq;

namespace CrossModal.Packages.Tests;

/// <summary>Packages as somebody else gets them: packed into a folder, added to a project and installed as a tool outside the
/// tree.</summary>
public sealed class PackageTests(Feed feed) : IClassFixture<Feed>
{
    private static readonly string[] Libraries =
        ["CrossModal", "CrossModal.Engine", "CrossModal.Tabletop", "CrossModal.Datasets", "CrossModal.Onnx", "CrossModal.Experiments"];

    private const string Program = """
        using CrossModal.Imaging;

        Ten.Run();
        Engine.Run();
        Tabletop.Run();
        Experiments.Run();
        Export.Run();
        if (Directory.Exists("my_data")) Recorded.Run();
        var (camera, robot) = (new Camera(), new Robot());
        Six.Run(camera, robot);
        Console.WriteLine($"moves: {robot.Moves}");

        class Camera
        {
            private int _left = 3;

            public RgbImage? Next() => _left-- > 0 ? new RgbImage(640, 480) : null;
        }

        class Robot
        {
            public float[] State { get; } = new float[5];

            public int Moves { get; private set; }

            public void Move(ReadOnlySpan<float> action) => Moves += action.Length > 0 ? 1 : 0;
        }
        """;

    [RestoreFact]
    public void Every_package_has_a_readme_a_licence_symbols_and_documentation()
    {
        foreach (var name in (string[])[.. Libraries, "CrossModal.Cli"])
        {
            var package = Assert.Single(Directory.GetFiles(feed.Packages, $"{name}.?.?.?.nupkg"));
            using var files = ZipFile.OpenRead(package);
            using var stream = files.GetEntry($"{name}.nuspec")!.Open();
            var about = XDocument.Load(stream).Root!.Elements().Single();
            string Of(string element) => about.Elements().SingleOrDefault(e => e.Name.LocalName == element)?.Value ?? "";
            Assert.Equal((name, "0.1.0", "Apache-2.0", "README.md"), (Of("id"), Of("version"), Of("license"), Of("readme")));
            Assert.True(Of("description").Length > 30, $"{name} says nothing of itself");
            Assert.NotNull(files.GetEntry("README.md"));
            if (name == "CrossModal.Cli") Assert.Contains(files.Entries, e => e.Name == "DotnetToolSettings.xml");
            else Assert.NotNull(files.GetEntry($"lib/net10.0/{name}.xml"));
            using var symbols = ZipFile.OpenRead(Path.ChangeExtension(package, ".snupkg"));
            Assert.Contains(symbols.Entries, e => e.Name == $"{name}.pdb");
        }
    }

    [RestoreFact]
    public void The_tool_is_installed_and_what_it_trains_runs_in_a_project_that_adds_the_packages()
    {
        var (tools, packages) = (feed["tools"], feed.Packages);
        feed.Dotnet(Path.GetDirectoryName(packages)!, "tool", "install", "CrossModal.Cli", "--tool-path", tools, "--configfile",
            feed["nuget.config"]);
        var folder = Directory.CreateDirectory(feed["robot"]).FullName;
        var demo = feed.Right(folder, Path.Combine(tools, "crossmodal"), "demo", "--steps", "50", "--episodes", "20");
        Assert.Contains("Report: runs/demo/report.html", demo);

        feed.Dotnet(folder, "new", "console", "--force");
        foreach (var name in Libraries.Except(["CrossModal.Engine"])) feed.Dotnet(folder, "add", "package", name);
        var readme = CodeBlock.Of(Path.Combine(Feed.Repository, "README.md"));
        Write("Ten", readme.First(b => b.Lines.Any(l => l.Contains("FusionStrategies.Create"))));
        Write("Six", readme.First(b => b.Lines.Any(l => l.Contains("Policy.Load"))), "Camera camera, Robot robot");
        Write("Engine", CodeBlock.Of(Path.Combine(Feed.Repository, "src/CrossModal.Engine/README.md")).Single());
        Write("Tabletop", CodeBlock.Of(Path.Combine(Feed.Repository, "src/CrossModal.Tabletop/README.md")).Single());
        Write("Recorded", CodeBlock.Of(Path.Combine(Feed.Repository, "src/CrossModal.Datasets/README.md")).Single());
        Write("Export", CodeBlock.Of(Path.Combine(Feed.Repository, "src/CrossModal.Onnx/README.md")).Single());
        Write("Experiments", CodeBlock.Of(Path.Combine(Feed.Repository, "src/CrossModal.Experiments/README.md")).Single());
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program);
        var output = feed.Dotnet(folder, "run", "-c", "Release");
        Assert.Contains("moves: 3", output);
        Assert.Contains("gradient [3,1]", output);
        Assert.Contains("own runs: 89.0 %", output);
        Assert.True(File.Exists(Path.Combine(folder, "policy.onnx")) && File.Exists(Path.Combine(folder, "strategy.onnx")));
        Assert.True(File.Exists(Path.Combine(folder, "red.png")));

        void Write(string name, CodeBlock block, string parameters = "") =>
            File.WriteAllText(Path.Combine(folder, $"{name}.cs"), block.ToSource(name, parameters));
    }

    [Fact]
    public void The_page_of_the_library_fuses_with_the_ten_lines_of_the_readme()
    {
        var (page, readme) = (Lines("src/CrossModal/README.md"), Lines("README.md"));
        Assert.InRange(page.Count, 8, 12);
        Assert.Equal(readme, page);

        static List<string> Lines(string path) => [.. CodeBlock.Of(Path.Combine(Feed.Repository, path))
            .First(b => b.Lines.Any(l => l.Contains("FusionStrategies.Create"))).Lines.Select(l => l.Split("//")[0].Trim())
                .Where(l => l.Length > 0)];
    }
}
