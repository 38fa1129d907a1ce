using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Diagnosis;

/// <summary>All checks of a policy on some cases.</summary>
/// <param name="Findings">What follows, check by check.</param>
/// <param name="Effects">The effects of changed instructions and pictures.</param>
internal sealed record Examination(IReadOnlyList<Finding> Findings, EffectChecks Effects)
{
    /// <summary>How many failed.</summary>
    public int Failed => Findings.Count(f => f.Verdict == Verdict.Fail);

    /// <summary>Examines a policy.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="grounding">Where the attention of words lies, judged by masks; null where there are none.</param>
    /// <param name="seed">Seed of noise and of words drawn.</param>
    /// <param name="language">The language of the texts.</param>
    /// <param name="stop">Asks to stop.</param>
    public static Examination Of(TrainedPolicy trained, IReadOnlyList<DoctorCase> cases, IReadOnlyList<WordGrounding>? grounding,
        ulong seed, ToolLanguage language, CancellationToken stop)
    {
        var texts = new DoctorTexts(language);
        var effects = new EffectChecks(trained, texts);
        effects.Measure(cases, seed, stop);
        var findings = new List<Finding>();
        findings.AddRange(effects.OfWords());
        findings.AddRange(effects.OfPictures());
        if (grounding is not null) findings.AddRange(new MaskChecks(trained, texts).Examine(cases, grounding, stop));
        findings.AddRange(new InputChecks(trained, texts).Examine(cases));
        findings.AddRange(AttentionHealth.Findings(Maps(trained, cases), new AttentionTexts(language)));
        return new Examination(findings, effects);
    }

    private static List<IReadOnlyList<WordMap>> Maps(TrainedPolicy trained, IReadOnlyList<DoctorCase> cases)
    {
        using var actor = new Actor(trained);
        var maps = new List<IReadOnlyList<WordMap>>();
        foreach (var example in cases)
        {
            actor.Act(example.Words, example.Pictures, example.State);
            maps.Add(actor.Maps);
        }

        return maps;
    }
}
