using Xunit.Abstractions;

namespace CrossModal.Tests.Docs;

/// <summary>Every sample is built and run as a reader would, and prints what its first comment says.</summary>
public sealed class SampleTests(ITestOutputHelper log)
{
    private const int MostLines = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static TheoryData<string> Paths => [.. Sample.All.Select(s => s.Path)];

    [Fact]
    public void There_are_samples() => Assert.True(Sample.All.Count >= 11, $"only {Sample.All.Count} samples");

    [Fact]
    public void Samples_are_short_and_say_how_they_are_run_and_what_they_print()
    {
        foreach (var sample in Sample.All)
        {
            Assert.True(sample.Lines.Count < MostLines, $"{sample.Path} has {sample.Lines.Count} lines");
            Assert.Equal($"//     {sample.Command}", sample.Lines[1]);
            Assert.NotEmpty(sample.Expected);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Samples_print_what_they_say(string path)
    {
        var sample = Sample.All.Single(s => s.Path == path);
        log.WriteLine(sample.Command);
        Assert.Equal(sample.Expected, sample.Run(Limit));
    }
}
