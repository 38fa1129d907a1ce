using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Publish.Pages;
using CrossModal.Publish.Questions;
using CrossModal.Reports;

namespace CrossModal.Publish.Tests.Pages;

/// <summary>The published documents against the published results: every number in them is one that was measured.</summary>
public sealed partial class PublishedTests
{
    private static readonly string Docs = Path.Combine(Root(), "docs");
    private static readonly string ResultsFile = Path.Combine(Docs, "results", "results.json.gz");

    [Fact]
    public void Documents_say_what_the_results_say()
    {
        var pages = Documents.Pages.Where(p => File.Exists(Path.Combine(Docs, p))).ToList();
        Assert.All(pages, p => Assert.Contains(p.Contains("zh-CN", StringComparison.Ordinal)
            ? p.Replace(".zh-CN", "", StringComparison.Ordinal) : p.Replace(".md", ".zh-CN.md", StringComparison.Ordinal), pages));
        Assert.Equal(File.Exists(ResultsFile), pages.Contains("results.md"));
        if (!File.Exists(ResultsFile)) return;
        var folder = Path.Combine(Docs, "results");
        var documents = new Documents(Results.Load(ResultsFile), new CellStore(folder).FindFilms,
            RecordedAnswers.ReadAll(folder));
        var texts = pages.ToDictionary(p => p, p => File.ReadAllText(Path.Combine(Docs, p)).ReplaceLineEndings("\n"));
        foreach (var (page, text) in texts)
        {
            Assert.Equal(documents.Fill(page, text), text);

            if (!Documents.IsFront(page)) Assert.Equal([], Unmarked(text));
        }

        var pictures = documents.Pictures(texts.Values).ToList();
        Assert.All(pictures, p => Assert.True(p.Content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Docs, p.File))),
            $"{p.File} is not what the results say"));
        var folders = pictures.Select(p => Path.GetDirectoryName(Path.Combine(Docs, p.File))!).Distinct();
        Assert.Equal(pictures.Select(p => Path.GetFullPath(Path.Combine(Docs, p.File))).Order(),
            folders.SelectMany(Directory.GetFiles).Select(Path.GetFullPath).Order());
    }

    [Fact]
    public void Results_stand_in_one_file_and_films_are_those_that_pages_show()
    {
        var kept = Directory.GetFileSystemEntries(Path.Combine(Docs, "results")).Select(Path.GetFileName);
        string[] made = ["cells", "policies", "work", "report.html", "results.json", "tests.csv", "learning.csv"];
        Assert.Equal([".gitignore", "encoders.json", "films", "question3.json", "question4.json", "question5.json", "question6.json",
            "repeated.json", "results.json.gz", "times.json"],
            kept.Except(made).Order(StringComparer.Ordinal));
        var pages = string.Concat(Documents.Pages.Select(p => File.ReadAllText(Path.Combine(Docs, p))));
        var shown = Results.Load(ResultsFile).Rows.Where(row => pages.Contains($"film-{row.Variant}-", StringComparison.Ordinal))
            .SelectMany(row => row.Cells.Select(c => c.Key)).ToList();
        Assert.All(Directory.GetFiles(Path.Combine(Docs, "results", "films")), file =>
            Assert.Contains(Path.GetFileNameWithoutExtension(file).Split('_')[^1], shown));
    }

    [Fact]
    public void The_command_of_every_stored_result_can_be_given_to_a_shell_as_it_stands()
    {
        var commands = Directory.GetFiles(Path.Combine(Docs, "results"), "*.json").Select(path =>
        {
            using var stored = JsonDocument.Parse(File.ReadAllText(path));
            return stored.RootElement.GetProperty("command").GetString()!;
        }).Append(Results.Load(ResultsFile).File.Command).ToList();
        Assert.True(commands.Count > 5);
        Assert.All(commands, command => Assert.Matches("^(dotnet run -c Release --project tools/Publish -- |crossmodal )[a-z]", command));
    }

    [Fact]
    public void The_methods_that_words_are_drawn_by_are_those_that_were_measured_to_be_above_raw_attention()
    {
        var measured = Answer.ReadAll(Path.Combine(Docs, "results")).Single(a => a.Question == Answer.Trust).Tables["default"];
        Assert.Equal(measured.Where(row => row[1] != "`raw`").Select(row => (row[0], row[1].Trim('`'))).Order(),
            CrossModal.Explain.MapMethods.AboveRaw.Select(m => (m.Key, m.Value)).Order());
        Assert.All(measured, row => Assert.Equal(row[1].Trim('`'), CrossModal.Explain.MapMethods.ForWords(row[0]).Name));
    }

    [Fact]
    public void Doctor_passed_the_grounded_policy_and_failed_every_damaged_one_for_its_own_reason()
    {
        var rows = Answer.ReadAll(Path.Combine(Docs, "results")).Single(a => a.Question == Answer.Trust).Tables["doctor"]
            .ToDictionary(row => row[0]);
        Assert.Equal(["0", "–"], rows["grounded"][1..3]);
        foreach (var (name, reason) in new[] { ("no-words", "points-at-told"), ("shuffled-words",
            "other-instruction"), ("constant-picture", "other-picture"), ("tied-heads", "heads-differ"), ("padded", "padding-effect") })
        {
            Assert.Equal("1", rows[name][1]);
            Assert.Contains($"`{reason}`", rows[name][2], StringComparison.Ordinal);
        }

        // What only one of them is to fail for.
        foreach (var only in new[] { "other-picture", "heads-differ", "padding-effect" })
            Assert.Single(rows.Values, row => row[2].Contains($"`{only}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Tables_of_Chinese_pages_are_in_Chinese()
    {
        var pages = Documents.Pages.Where(Documents.IsChinese).ToList();
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.Equal([], EnglishCell().Matches(Measured(page)).Select(m => m.Value)));

        foreach (var file in Directory.GetFiles(Path.Combine(Docs, "images", "results", "zh")))
            Assert.Equal([], XDocument.Load(file).Descendants().Where(e => e.Name.LocalName == "text" && EnglishLabel().IsMatch(e.Value))
                .Select(e => e.Value));

        static string Measured(string page) => string.Join('\n', MeasuredTable()
            .Matches(File.ReadAllText(Path.Combine(Docs, page)).ReplaceLineEndings("\n")).Select(m => m.Value));
    }

    [Theory]
    [InlineData("It reaches 96.1 %.", "96.1 %")]
    [InlineData("It takes 2.4 ms.", "2.4 ms")]
    [InlineData("A lift of 12.7× and +3.1 points.", "12.7×,3.1 points")]
    [InlineData("达到 96.1 %，用时 2.4 ms。", "96.1 %,2.4 ms")]
    [InlineData("It reaches <!-- value:x -->96.1 %<!-- /value --> in split S0 with a 95 % interval.", "")]
    public void A_measured_number_outside_the_marks_is_found(string text, string found) =>
        Assert.Equal(found, string.Join(",", Unmarked(text)));

    /// <summary>Percentages, times, ratios and points a person wrote: nobody would notice when they stop being true.</summary>
    private static IEnumerable<string> Unmarked(string text) =>
        MeasuredNumber().Matches(MarkedPage.Written(text)).Select(m => m.Value).Where(v => v != "95 %");

    internal static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CrossModal.slnx"))) return folder.FullName;
        throw new InvalidOperationException("the tests do not run inside the repository");
    }

    [GeneratedRegex("<!-- measured:.*?<!-- /measured", RegexOptions.Singleline)]
    private static partial Regex MeasuredTable();

    [GeneratedRegex(@"(?<=\| )[^|\n]*[a-z]{2,},? [a-z]{2,}[^|\n]*(?= \|)|(?<=\| )(yes|no|none|both|poor|good|excellent)(?= \|)")]
    private static partial Regex EnglishCell();

    [GeneratedRegex(@"[a-z]{2,},? [a-z]{2,}|\d [a-z]{2,}|^[a-z]{4,}$")]
    private static partial Regex EnglishLabel();

    [GeneratedRegex(@"\d+(\.\d+)?( %| ms|×| points| 个百分点| s\b| 秒)")]
    private static partial Regex MeasuredNumber();
}
