namespace CrossModal.Benchmarks.Reporting;

/// <summary>Which tables of which pages are filled from which files.</summary>
/// <param name="Peers">File written by <c>peers --json</c>, or null.</param>
/// <param name="Crossover">File written by <c>crossover --json</c>, or null.</param>
/// <param name="Variants">File written by <c>variants --json</c>, or null.</param>
/// <param name="Policies">Files written by <c>policy --json</c>, one for each width of vectors.</param>
/// <param name="Serving">File written by <c>serving --json</c>, or null.</param>
/// <param name="AllReduce">File written by <c>allreduce --json</c>, or null.</param>
/// <param name="Widths">File written by <c>widths --json</c>, or null.</param>
/// <param name="Pages">Markdown files.</param>
internal sealed record ReportArguments(string? Peers, string? Crossover, string? Variants, IReadOnlyList<string> Policies,
    string? Serving, string? AllReduce, string? Widths, IReadOnlyList<string> Pages)
{
    /// <summary>How to ask.</summary>
    public const string Usage =
        "  report [--peers FILE.json] [--crossover FILE.json] [--variants FILE.json] [--policy FILE.json,FILE.json] [--serving " +
            "FILE.json] [--allreduce FILE.json] [--widths FILE.json] [--pages " +
            "README.md,README.zh-CN.md,docs/performance.md,docs/performance.zh-CN.md]\n"
        + "        fills the measured tables of pages from the files of a run";

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or names a file that is not there; or no file is
    /// named.</exception>
    public static ReportArguments Parse(IReadOnlyList<string> args)
    {
        var read = new ReportArguments(null, null, null, [], null, null, null,
            ["README.md", "README.zh-CN.md", "docs/performance.md", "docs/performance.zh-CN.md"]);
        foreach (var (name, value) in Options.Pairs(args))
        {
            read = name switch
            {
                "--peers" => read with { Peers = Existing(name, value) },
                "--crossover" => read with { Crossover = Existing(name, value) },
                "--variants" => read with { Variants = Existing(name, value) },
                "--policy" => read with { Policies = [.. value.Split(',').Select(file => Existing(name, file))] },
                "--serving" => read with { Serving = Existing(name, value) },
                "--allreduce" => read with { AllReduce = Existing(name, value) },
                "--widths" => read with { Widths = Existing(name, value) },
                "--pages" => read with { Pages = value.Split(',') },
                _ => throw Options.Unknown(name),
            };
        }

        foreach (var page in read.Pages) Existing("--pages", page);
        return (read.Peers ?? read.Crossover ?? read.Variants ?? read.Policies.FirstOrDefault() ?? read.Serving ?? read.AllReduce
            ?? read.Widths) is null
            ? throw new UsageException("none of --peers, --crossover, --variants, --policy, --serving, --allreduce and --widths is given")
                : read;
    }

    private static string Existing(string name, string file) =>
        File.Exists(file) ? file : throw new UsageException($"{name}: there is no '{file}'");
}
