using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CrossModal.Publish.Tests.Pages;

/// <summary>Published rows computed once more, plainly, from results.json.gz: runs are drawn, then episodes within each run, one by
/// one.</summary>
public sealed partial class PublishedIntervalTests
{
    private const int Resamples = 4000;

    // Two plain resamplings of these rows with other seeds lie within this of each other.
    private const double Points = 0.6;

    private static readonly string Page = Both("results.md", "results-more.md");
    private static readonly string ChinesePage = Both("results.zh-CN.md", "results-more.zh-CN.md");

    [Theory]
    [InlineData("perceiver-8", "Perceiver, 8 latents")]
    [InlineData("cross-attention-2", "Cross-Attention, 2 layers")]
    public void A_row_of_the_table_has_the_interval_over_runs_and_episodes(string variant, string label)
    {
        var row = Row(label);
        using var results = Results();
        foreach (var (split, cell) in new[] { ("S0", row[1]), ("Z1", row[3]) })
        {
            var runs = Outcomes(results, variant, split);
            Assert.Equal(int.Parse(row[^2], CultureInfo.InvariantCulture), runs.Count);
            Assert.All(runs, run => Assert.Equal(2000, run.Length));
            var means = runs.ConvertAll(run => run.Average(won => won ? 100.0 : 0));
            var (low, high) = Interval(runs);
            var published = Published().Match(cell);
            Assert.Equal(means.Average(), Number(published, 1), 0.0501);
            Assert.Equal(low, Number(published, 2), Points);
            Assert.Equal(high, Number(published, 3), Points);

            // What an interval over the episodes alone would hide.
            Assert.True(high - low > 5, $"{low} to {high}");
            if (split == "S0")
                Assert.Contains($"{means.Min().ToString("0.0", CultureInfo.InvariantCulture)} % | {means.Max().ToString("0.0", CultureInfo.InvariantCulture)} % |", Page);
        }
    }

    [Fact]
    public void Two_rows_are_told_apart_exactly_where_the_interval_of_their_difference_does_not_contain_0()
    {
        foreach (var (page, yes, no) in new[] { (Page, "yes", "no"), (ChinesePage, "是", "否") })
        {
            var rows = Verdict().Matches(page).Select(m => (Contains0: m.Groups[1].Value == "−" && m.Groups[2].Value == "+",
                Says: m.Groups[3].Value)).ToList();
            Assert.True(rows.Count >= 5, $"{rows.Count}");
            Assert.All(rows, row => Assert.Equal(row.Contains0 ? no : yes, row.Says));
            Assert.Contains(rows, row => row.Contains0);
        }
    }

    [Fact]
    public void A_table_whose_rows_are_of_one_run_says_so_once_and_any_other_says_it_in_the_row()
    {
        foreach (var (page, once, inRow) in new[] { (Page, "one run each", "1 (no interval over runs)"),
            (ChinesePage, "各训练一次", "1（无跨训练的区间）") })
        {
            var tables = Ablation().Matches(page);
            Assert.True(tables.Count >= 4, $"{tables.Count}");
            foreach (var table in tables.Cast<Match>())
            {
                var single = Runs(table.Groups[1].Value).All(runs => runs == 1);
                var heading = table.Groups[2].Value;
                Assert.Equal(single, heading.Contains(once, StringComparison.Ordinal));
                Assert.Equal(!single, heading.EndsWith(page == Page ? "| training runs |" : "| 训练次数 |", StringComparison.Ordinal));
            }

            Assert.All(LastCell().Matches(page).Select(m => m.Groups[1].Value), runs => Assert.True(runs == inRow || runs[0] > '1', runs));
        }
    }

    /// <summary>Training runs of each setting of an ablation.</summary>
    private static IEnumerable<int> Runs(string group)
    {
        using var results = Results();
        return [.. results.RootElement.GetProperty("cells").EnumerateArray().Select(cell => cell.GetProperty("place"))
            .Where(place => place.GetProperty("group").GetString() == group && place.GetProperty("role").GetString() == "Final")
            .GroupBy(place => place.GetProperty("setting").GetString()).Select(setting => setting.Count())];
    }

    private static JsonDocument Results() => JsonDocument.Parse(new GZipStream(File.OpenRead(
        Path.Combine(PublishedTests.Root(), "docs", "results", "results.json.gz")), CompressionMode.Decompress));

    private static string Both(params string[] pages) =>
        string.Concat(pages.Select(page => File.ReadAllText(Path.Combine(PublishedTests.Root(), "docs", page))));

    private static string[] Row(string label) =>
        Page.Split('\n').First(line => line.StartsWith($"| {label} | ", StringComparison.Ordinal)
            || line.StartsWith($"| {label} ↑ | ", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries)[1..];

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static List<bool[]> Outcomes(JsonDocument results, string variant, string split)
    {
        var runs = new List<bool[]>();
        foreach (var cell in results.RootElement.GetProperty("cells").EnumerateArray())
        {
            var place = cell.GetProperty("place");
            if (place.GetProperty("group").GetString() != "strategies" || place.GetProperty("variant").GetString() != variant
                || place.GetProperty("role").GetString() != "Final") continue;
            runs.Add([.. cell.GetProperty("result").GetProperty("tests").EnumerateArray()
                .Where(t => t.GetProperty("split").GetString() == split && t.GetProperty("control").GetString() == "None")
                .SelectMany(Episodes)]);
        }

        return runs;
    }

    // Eight episodes a byte, the first in the highest bit.
    private static IEnumerable<bool> Episodes(JsonElement test)
    {
        var bytes = test.GetProperty("succeeded").GetBytesFromBase64();
        return Enumerable.Range(0, test.GetProperty("episodes").GetInt32()).Select(i => (bytes[i / 8] >> (7 - i % 8) & 1) == 1);
    }

    private static (double Low, double High) Interval(List<bool[]> runs)
    {
        var random = new Random(20261130);
        var means = new double[Resamples];
        for (var b = 0; b < Resamples; b++)
        {
            foreach (var _ in runs)
            {
                var run = runs[random.Next(runs.Count)];
                var won = 0;
                for (var e = 0; e < run.Length; e++) won += run[random.Next(run.Length)] ? 1 : 0;
                means[b] += 100.0 * won / run.Length / runs.Count;
            }
        }

        Array.Sort(means);
        return (means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }

    [GeneratedRegex(@"^([\d.]+) % \(([\d.]+)–([\d.]+) %\)$")]
    private static partial Regex Published();

    // Interval, counts, two p-values, verdict.
    [GeneratedRegex(@"\| ([+−±])[\d.]+(?:\u00a0to\u00a0| 至 )([+−±])[\d.]+ \| \d+ \| \d+ \| [<\d.]+ \| [<\d.]+ \| ([^|]+) \|")]
    private static partial Regex Verdict();

    // The name of an ablation and the headings of its table.
    [GeneratedRegex(@"<!-- measured:ablation-([a-z-]+) -->\n([^\n]+)\n")]
    private static partial Regex Ablation();

    // The last cell of rows that end with operations and the number of training runs.
    [GeneratedRegex(@"\| [\d.]+ \| (\d[^|\n]*) \|$", RegexOptions.Multiline)]
    private static partial Regex LastCell();
}
