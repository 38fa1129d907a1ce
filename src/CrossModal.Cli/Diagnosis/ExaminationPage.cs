using System.Globalization;
using CrossModal.Cli.Texts;
using CrossModal.Reports;

namespace CrossModal.Cli.Diagnosis;

/// <summary>The page of an examination: one verdict a line, and the effect of every word.</summary>
internal static class ExaminationPage
{
    /// <summary>Name of the page in its folder.</summary>
    public const string Name = "doctor.html";

    /// <summary>Builds it.</summary>
    /// <param name="examination">What was found.</param>
    /// <param name="subtitle">Of which policy, on what.</param>
    /// <param name="command">The command that makes it again.</param>
    /// <param name="seed">Seed of the cases.</param>
    /// <param name="language">The language.</param>
    public static HtmlReport Of(Examination examination, string subtitle, string command, ulong seed, ToolLanguage language)
    {
        var texts = new DoctorTexts(language);
        return new HtmlReport(texts.Title, subtitle, language.Tag())
        {
            new ReportTable([texts.Verdict, texts.Check, texts.Figures], [.. examination.Results.Select(f => (IReadOnlyList<Cell>)
            [
                new Cell($"{Sign(f.Verdict)} {f.Word}") { Strong = f.Verdict != Verdict.Pass }, f.Name, f.Figures,
            ])]),
            new Heading(texts.EveryWord),
            new ReportTable([texts.Word, texts.Does, texts.Cases, texts.WithheldColumn, texts.ChangedColumn],
                [.. examination.Effects.Words.OrderBy(w => w.Value).ThenBy(w => w.Key).Select(w => (IReadOnlyList<Cell>)
                [
                    Quoted.Word(w.Key), w.Value is { } kind ? texts.Kind(kind) : "",
                    examination.Effects.Effects.Of(InstructionChanges.WordWithheld + w.Key).Count.ToString(CultureInfo.InvariantCulture),
                    Effect(InstructionChanges.WordWithheld + w.Key), Effect(InstructionChanges.WordChanged + w.Key),
                ])], texts.WordCaption(examination.Effects.Effects.Noise)) { Sortable = true },
            new ReportFooter(command, seed),
        };

        Cell Effect(string name) => examination.Effects.Effects.Of(name) is { Count: > 0 } list
            ? list.Average().ToString("0.000", CultureInfo.InvariantCulture) : "–";
    }

    // A sign beside the word: verdicts are told apart without colour.
    private static string Sign(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "✓",
        Verdict.Warn => "!",
        _ => "✗",
    };
}
