using Xunit.Abstractions;

namespace CrossModal.Tests.Docs;

/// <summary>Building and running a sample takes seconds, so each run tries the first; the others run when asked for.</summary>
public sealed class SampleTests(ITestOutputHelper log)
{
    private const int MostLines = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static TheoryData<string> Others => [.. Sample.All.Skip(1).Select(s => s.Path)];

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

    [Fact]
    public void The_first_sample_prints_what_it_says() => Check(Sample.All[0]);

    [SlowTheory]
    [MemberData(nameof(Others))]
    public void Samples_print_what_they_say(string path) => Check(Sample.All.Single(s => s.Path == path));

    private void Check(Sample sample)
    {
        log.WriteLine(sample.Command);
        Assert.Equal(sample.Expected, sample.Run(Limit));
    }
}
