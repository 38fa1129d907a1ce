namespace CrossModal.Engine.Tests.Formats;

/// <summary>Where reference files lie: the fixtures of this repository, and the full set if it was put beside it.</summary>
internal static class ReferenceFolders
{
    public static string Repository { get; } = Find(AppContext.BaseDirectory, "CrossModal.slnx")
        ?? throw new InvalidOperationException("the tests do not run inside the repository");

    public static string Fixtures => Path.Combine(Repository, "fixtures");

    /// <summary>The folder with all reference files, or the fixtures' part of them.</summary>
    public static string Golden
    {
        get
        {
            var beside = Find(Repository, Path.Combine("shared", "golden", "README.md"));
            return Path.Combine(beside is null ? Fixtures : Path.Combine(beside, "shared"), "golden");
        }
    }

    private static string? Find(string from, string name)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (Path.Exists(Path.Combine(folder.FullName, name)))
                return folder.FullName;
        return null;
    }
}
