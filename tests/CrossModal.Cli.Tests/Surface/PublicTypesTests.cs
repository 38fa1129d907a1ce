using System.Diagnostics;
using System.Reflection;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Cli.Tests.Surface;

/// <summary>What people can name: every public type of every assembly that is shipped.</summary>
public sealed class PublicTypesTests
{
    private const int Most = 270;

    // What a program has without a using directive, and what is in nearly every program beside it.
    private static readonly string[] Everywhere =
        ["System", "System.IO", "System.Linq", "System.Collections.Generic", "System.Threading", "System.Threading.Tasks",
            "System.Net.Http", "System.Diagnostics"];

    private static Type[] Types { get; } = [.. Shipped().SelectMany(name => Assembly.Load(name).GetExportedTypes())];

    [Fact]
    public void There_are_at_most_270_public_types() => Assert.InRange(Types.Length, 100, Most);

    [Fact]
    public void No_two_public_types_share_a_name()
    {
        var shared = Types.Where(t => !t.IsNested).GroupBy(t => t.Name).Where(g => g.Count() > 1)
            .SelectMany(g => g.Select(t => t.FullName));
        Assert.Empty(shared);
    }

    [Fact]
    public void No_public_type_has_the_name_of_one_that_every_program_has()
    {
        Type[] known = [typeof(object), typeof(Trace), typeof(Enumerable), typeof(HttpClient), typeof(Stopwatch), typeof(File),
            typeof(List<>), typeof(Stack<>)];
        var taken = known.Select(t => t.Assembly).Distinct().SelectMany(a => a.GetExportedTypes())
            .Where(t => Everywhere.Contains(t.Namespace) && !t.IsNested).Select(t => t.Name).ToHashSet();
        Assert.Contains("Trace", taken);
        Assert.Empty(Types.Where(t => taken.Contains(t.Name)).Select(t => t.FullName));
    }

    [Fact]
    public void Every_shipped_assembly_has_a_baseline_of_what_is_public()
    {
        foreach (var name in Shipped())
        {
            var baseline = Path.Combine(ReferenceFolders.Repository, "src", name, "PublicAPI.Shipped.txt");
            Assert.True(File.Exists(baseline), $"there is no {baseline}");
            Assert.True(File.Exists(baseline.Replace("Shipped", "Unshipped", StringComparison.Ordinal)),
                $"beside {baseline} there is no PublicAPI.Unshipped.txt");
        }
    }

    /// <summary>Names of the projects in src/, which are those of their assemblies.</summary>
    private static string[] Shipped() =>
        [.. new DirectoryInfo(Path.Combine(ReferenceFolders.Repository, "src")).EnumerateDirectories().Select(d => d.Name)
            .Where(n => n.StartsWith("CrossModal", StringComparison.Ordinal)).Order()];
}
