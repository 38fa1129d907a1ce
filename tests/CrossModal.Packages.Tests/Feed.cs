using System.Xml.Linq;

namespace CrossModal.Packages.Tests;

/// <summary>The packages of everything in src/, in a folder, and what a project beside them needs to restore from it.</summary>
public sealed class Feed : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-packages-").FullName;
    private readonly Lazy<string> _packages;

    /// <summary>Packs when the packages are first asked for: a test that is skipped needs none.</summary>
    public Feed() => _packages = new Lazy<string>(Pack);

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Find();

    /// <summary>Where the packages are.</summary>
    public string Packages => _packages.Value;

    private static string Configuration { get; } =
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}",
        StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>A path in the folder that is removed in the end.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    /// <summary>Runs dotnet and demands that it succeeds; what it wrote.</summary>
    public string Dotnet(string folder, params string[] args) => Right(folder, "dotnet", args);

    /// <summary>Runs a program and demands that it succeeds; what it wrote.</summary>
    public string Right(string folder, string program, params string[] args)
    {
        var run = Shell.Run(folder, this["cache"], program, args);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', args)}\n{run.Output}");
        return run.Output;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Packs what was built before the tests.</summary>
    private string Pack()
    {
        var feed = this["feed"];
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Repository, "src"), "*.csproj", SearchOption.AllDirectories).Order())
            Dotnet(Repository, "pack", project, "--no-build", "-c", Configuration, "-o", feed);

        // Packages of others come from where they are already, and from nowhere else; ours are kept apart from those of the machine.
        var others = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        new XElement("configuration",
            new XElement("packageSources", new XElement("clear"), Add("feed", feed)),
            new XElement("fallbackPackageFolders", new XElement("clear"), Add("restored", others))).Save(this["nuget.config"]);

        return feed;

        static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CrossModal.slnx"))) return folder.FullName;
        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
