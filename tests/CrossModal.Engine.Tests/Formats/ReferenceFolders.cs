namespace CrossModal.Engine.Tests.Formats;

/// <summary>Where reference files lie: the fixtures of this repository, and what more was put beside it as <c>shared</c>.</summary>
internal static class ReferenceFolders
{
    public static string Repository { get; } = Find(AppContext.BaseDirectory, "CrossModal.slnx")
        ?? throw new InvalidOperationException("the tests do not run inside the repository");

    public static string Fixtures => Path.Combine(Repository, "fixtures");

    /// <summary>The golden cases: the folder CROSSMODAL_GOLDEN names, else all of them beside the repository, else the fixtures' part of
    /// them.</summary>
    public static string Golden { get; } = Environment.GetEnvironmentVariable("CROSSMODAL_GOLDEN") is { Length: > 0 } given
        ? given
        : Beside("golden") ?? Path.Combine(Fixtures, "golden");

    /// <summary>A file or folder of <c>shared</c>, beside the repository or above it; null when it is not there.</summary>
    public static string? Beside(params ReadOnlySpan<string> parts)
    {
        string[] path = ["shared", .. parts];
        return Find(Path.GetDirectoryName(Repository) ?? Repository, Path.Combine(path)) is { } folder ? Path.Combine([folder, .. path])
            : null;
    }

    private static string? Find(string from, string name)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (Path.Exists(Path.Combine(folder.FullName, name)))
                return folder.FullName;
        return null;
    }
}
