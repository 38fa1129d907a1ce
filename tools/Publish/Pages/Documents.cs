using System.Text;
using CrossModal.Cli.Comparisons;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Imaging;
using CrossModal.Publish.Questions;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Pages;

/// <summary>Keeps documents in step with a comparison and the answers to questions: fills their marked tables and values, and draws their
/// pictures.</summary>
/// <param name="results">The comparison.</param>
/// <param name="films">The films of a cell by its key, or null when it has none.</param>
/// <param name="answers">What experiments of their own measured.</param>
internal sealed class Documents(Results results, Func<string, CellFilms?> films, IReadOnlyList<Answer> answers)
{
    /// <summary>Pages that are filled, below the folder of documents; those that are not there are left out.</summary>
    public static IReadOnlyList<string> Pages { get; } =
        ["results.md", "results.zh-CN.md", "questions.md", "questions.zh-CN.md", "guide.md", "guide.zh-CN.md", "encoders.md",
        "encoders.zh-CN.md", "../README.md",
        "../README.zh-CN.md"];

    /// <summary>Whether a page also has numbers of other sources: other commands, samples, the textbook.</summary>
    public static bool IsFront(string page) =>
        Path.GetFileName(page) is var name && (name.StartsWith("README", StringComparison.Ordinal)
            || name.StartsWith("guide", StringComparison.Ordinal) || name.StartsWith("encoders", StringComparison.Ordinal));

    /// <summary>Whether a page is written in Chinese.</summary>
    public static bool IsChinese(string page) => page.EndsWith(".zh-CN.md", StringComparison.Ordinal);

    private const string Images = "images/results";
    private const string ChineseImages = $"{Images}/zh";

    /// <summary>A page with everything measured filled in.</summary>
    /// <exception cref="FileFormatException">A mark on the page is unknown or broken; the message names the line.</exception>
    public string Fill(string path, string text)
    {
        var (tables, values) = (new DocumentTables(results), new DocumentValues(results));
        return MarkedPage.Fill(path, text,
            name => InLanguage(path, tables.Find(name) ?? answers.Select(a => a.Tables.GetValueOrDefault(name))
                .FirstOrDefault(t => t is not null)),
            name => values.Find(name) ?? InstructionOf(name) ?? answers.Select(a => Value(a, name)).FirstOrDefault(v => v is not null),
            shared: IsFront(path));
    }

    /// <summary>The instruction of a film.</summary>
    private string? InstructionOf(string name) =>
        Films.Where(f => f.Name == name).Select(f => string.Join(' ', f.Film.Words)).FirstOrDefault();

    private static IReadOnlyList<string[]>? InLanguage(string path, IReadOnlyList<string[]>? rows) =>
        IsChinese(path) ? rows?.Select(row => (string[])[.. row.Select(ChineseNames.Of)]).ToList() : rows;

    private static string? Value(Answer answer, string name) => name == $"command {answer.Question}" ? answer.Command
        : name == $"machine {answer.Question}" ? answer.Machine : answer.Values.GetValueOrDefault(name);

    /// <summary>The pictures that pages show, by the name of their file below the folder of documents: drawings in the pages' languages,
    /// and films.</summary>
    /// <param name="pages">The pages.</param>
    public IEnumerable<(string File, byte[] Content)> Pictures(IReadOnlyCollection<string> pages)
    {
        foreach (var (name, draw) in Drawings())
        {
            var (file, chinese) = ($"{Images}/{name}.svg", $"{ChineseImages}/{name}.svg");
            if (!IsShown(file) && !IsShown(chinese)) continue;
            var drawing = draw();
            if (IsShown(file)) yield return (file, Encoding.UTF8.GetBytes(SvgFile.ToText(drawing)));
            if (IsShown(chinese)) yield return (chinese, Encoding.UTF8.GetBytes(SvgFile.ToText(drawing, ChineseNames.Of)));
        }

        foreach (var (name, film) in Films)
        {
            if (!IsShown($"{Images}/{name}.png")) continue;
            using var png = new MemoryStream();
            Png.Write(png, AttentionFigures.Strip(film));
            yield return ($"{Images}/{name}.png", png.ToArray());
        }

        bool IsShown(string file) => pages.Any(page => page.Contains(file, StringComparison.Ordinal));
    }

    /// <summary>All drawings there are, by name; what they show is counted when one is drawn.</summary>
    private IEnumerable<(string Name, Func<IDrawing> Draw)> Drawings()
    {
        if (results.Rows.Count > 0)
        {
            yield return ("headline", () => SuccessFigures.Headline(results));
            yield return ("splits", () => SuccessFigures.Splits(results, null));
            foreach (var task in results.Tasks) yield return ($"splits-{task}", () => SuccessFigures.Splits(results, task));
            if (results.Controls.Count > 1) yield return ("controls", () => SuccessFigures.Controls(results));
            if (results.Controls.Contains(PolicyControl.OtherInstruction))
                yield return ("listening", () => SuccessFigures.OtherInstruction(results));
            if (results.Rows.Any(r => r.Learning.Count > 0))
            {
                yield return ("learning", () => SuccessFigures.Learning(results));
                yield return ("learning-by-time", () => SuccessFigures.LearningByTime(results));
                yield return ("budgets", () => CostFigures.EqualBudgets(results));
            }

            yield return ("cost-latency", () => CostFigures.Latency(results));
            yield return ("cost-flops", () => CostFigures.Flops(results));
            yield return ("cost-parameters", () => CostFigures.Parameters(results));
            foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
            {
                yield return ($"neighbours-{split}", () => SuccessFigures.Differences(results.Neighbours(split)));
                yield return ($"way-{split}", () => SuccessFigures.OnTheWay(results, split));
                yield return ($"endings-{split}", () => SuccessFigures.Endings(results, split));
            }

            if (results.Rows.Any(r => r.Cells.Any(c => c.Grounding.Count > 0))) yield return ("lift", () => AttentionFigures.Lift(results));
        }

        if (results.Further is { Rows.Count: > 0 } further)
        {
            yield return ("further", () => SuccessFigures.Headline(further));
            yield return ("further-splits", () => SuccessFigures.Splits(further, null));
            yield return ("further-latency", () => CostFigures.Latency(further));
        }

        foreach (var group in results.Ablations)
            yield return ($"ablation-{group}", () => SuccessFigures.Ablation(results, group));
        if (results.Group(Results.Distillation).Any(r => r.Configuration.Teacher is not null))
            yield return ("distillation", () => SuccessFigures.Ablation(results, Results.Distillation));
    }

    /// <summary>The first success and the first failure of each strategy that has films, by name; read once.</summary>
    private IReadOnlyList<(string Name, Film Film)> Films => field ??=
    [
        .. from row in results.Rows
           let kept = row.Cells.Select(c => films(c.Key)).FirstOrDefault(f => f is { Films.Count: > 0 })
           where kept is not null
           from film in kept.Films.GroupBy(f => f.Failure == FailureReason.None).Select(g => g.First())
           select ($"film-{row.Variant}-{(film.Failure == FailureReason.None ? "success" : "failure")}", film),
    ];

    /// <summary>Writes pages, and the pictures they show, that differ from what is there.</summary>
    /// <param name="folder">The folder of documents.</param>
    /// <returns>Files written, below the folder.</returns>
    /// <exception cref="FileFormatException">A mark on a page is unknown or broken.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public IReadOnlyList<string> Write(string folder)
    {
        var written = new List<string>();
        var pages = Pages.Where(p => File.Exists(Path.Combine(folder, p)))
            .ToDictionary(p => p, p => Fill(p, File.ReadAllText(Path.Combine(folder, p))));
        foreach (var (page, text) in pages) Keep(page, Encoding.UTF8.GetBytes(text));
        foreach (var (file, content) in Pictures(pages.Values)) Keep(file, content);
        return written;

        void Keep(string file, byte[] content)
        {
            var path = Path.Combine(folder, file);
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)) return;
            AtomicFile.Write(path, stream => stream.Write(content));
            written.Add(file);
        }
    }
}
