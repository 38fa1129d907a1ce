using Xunit.Abstractions;

namespace CrossModal.Tests.Golden;

[Trait("Category", "Golden")]
public sealed class GoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string> Cases => [.. GoldenFolder.Cases.Where(GoldenRun.IsBuilt)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_library_computes_what_the_reference_computed(string name)
    {
        var problems = GoldenRun.Outcome(name);
        Assert.True(problems.Length == 0, $"{name}:{Environment.NewLine}{problems}");
    }

    [Fact]
    public void Every_case_of_the_groups_that_are_built_passes()
    {
        var built = GoldenFolder.Cases.Where(GoldenRun.IsBuilt).ToList();
        var failed = built.Where(name => GoldenRun.Outcome(name).Length > 0).ToList();
        var line = $"golden: {built.Count - failed.Count} of {built.Count} cases passed, {GoldenFolder.Cases.Count - built.Count} in groups not built yet";
        output.WriteLine($"{line} ({GoldenFolder.Path})");

        // The project file shows this after the tests.
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "golden.txt"), line);

        Assert.NotEmpty(built);
        Assert.True(failed.Count == 0, $"{line}; failed: {string.Join(", ", failed)}");
    }
}
