using System.Text;
using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Imaging;
using CrossModal.Publish.Questions;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;

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
        ["results.md", "results.zh-CN.md", "results-more.md", "results-more.zh-CN.md", "questions.md", "questions.zh-CN.md", "trust.md",
            "trust.zh-CN.md", "guide.md", "guide.zh-CN.md", "models.md", "models.zh-CN.md",
            "encoders.md", "encoders.zh-CN.md", "../README.md", "../README.zh-CN.md"];

    /// <summary>Whether a page also has numbers of other sources: other commands, samples, the textbook.</summary>
    public static bool IsFront(string page) =>
        Path.GetFileName(page) is var name && (name.StartsWith("README", StringComparison.Ordinal)
            || name.StartsWith("guide", StringComparison.Ordinal) || name.StartsWith("models", StringComparison.Ordinal)
            || name.StartsWith("trust", StringComparison.Ordinal)
            || name.StartsWith("encoders", StringComparison.Ordinal));

    /// <summary>Whether a page is written in Chinese.</summary>
    public static bool IsChinese(string page) => page.EndsWith(".zh-CN.md", StringComparison.Ordinal);

    private static ToolLanguage LanguageOf(string page) => IsChinese(page) ? ToolLanguage.Chinese : ToolLanguage.English;

    private const string Images = "images/results";
    private const string ChineseImages = $"{Images}/zh";

    /// <summary>A page with everything measured filled in.</summary>
    /// <exception cref="FileFormatException">A mark on the page is unknown or broken; the message names the line.</exception>
    public string Fill(string path, string text)
    {
        var language = LanguageOf(path);
        var (tables, values) = (new DocumentTables(results, language), new DocumentValues(results, language));
        return MarkedPage.Fill(path, text,
            name => tables.Find(name) ?? answers.Select(a => a.TableIn(language, name)).FirstOrDefault(t => t is not null),
            name => values.Find(name) ?? InstructionOf(name) ?? answers.Select(a => Value(a, name)).FirstOrDefault(v => v is not null),
            shared: IsFront(path));
    }

    /// <summary>The instruction of a film.</summary>
    private string? InstructionOf(string name) =>
        Films.Where(f => f.Name == name).Select(f => string.Join(' ', f.Film.Words)).FirstOrDefault();

    private static string? Value(Answer answer, string name) => name == $"command {answer.Question}" ? answer.Command
        : name == $"machine {answer.Question}" ? answer.Machine : answer.Values.GetValueOrDefault(name);

    /// <summary>The pictures that pages show, by the name of their file below the folder of documents: drawings in the pages' languages,
    /// and films.</summary>
    /// <param name="pages">The pages.</param>
    public IEnumerable<(string File, byte[] Content)> Pictures(IReadOnlyCollection<string> pages)
    {
        (string, ToolLanguage)[] folders = [(Images, ToolLanguage.English), (ChineseImages, ToolLanguage.Chinese)];
        foreach (var (folder, language) in folders)
            foreach (var (name, draw) in new DocumentDrawings(results, language).All())
                if ($"{folder}/{name}.svg" is var file && IsShown(file))
                    yield return (file, Encoding.UTF8.GetBytes(SvgFile.ToText(draw())));

        foreach (var (name, film) in Films)
        {
            if (!IsShown($"{Images}/{name}.png")) continue;
            using var png = new MemoryStream();
            Png.Write(png, AttentionFigures.Strip(film));
            yield return ($"{Images}/{name}.png", png.ToArray());
        }

        bool IsShown(string file) => pages.Any(page => page.Contains(file, StringComparison.Ordinal));
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
