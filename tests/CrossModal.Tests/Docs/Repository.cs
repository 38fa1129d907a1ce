namespace CrossModal.Tests.Docs;

/// <summary>The repository the tests run in.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "artifacts", "runs", "node_modules", "TestResults"];

    public static string Root { get; } = Find();

    /// <summary>Paths of files below the root, build output and hidden folders left out.</summary>
    public static IEnumerable<string> Files(string extension) => Below(new DirectoryInfo(Root), extension).Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Below(DirectoryInfo folder, string extension) =>
        folder.EnumerateFiles("*" + extension).Select(f => Path.GetRelativePath(Root, f.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories().Where(d => d.Name[0] != '.' && !NotOurs.Contains(d.Name))
                .SelectMany(d => Below(d, extension)));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CrossModal.slnx"))) return folder.FullName;
        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
