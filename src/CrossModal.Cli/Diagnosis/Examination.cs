using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Diagnosis;

/// <summary>All checks of a policy on some cases.</summary>
/// <param name="Results">What follows, check by check.</param>
/// <param name="Effects">The effects of changed instructions and pictures.</param>
internal sealed record Examination(IReadOnlyList<CheckResult> Results, EffectChecks Effects)
{
    /// <summary>How many failed.</summary>
    public int Failed => Results.Count(f => f.Verdict == Verdict.Fail);

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
        var results = new List<CheckResult>();
        results.AddRange(effects.OfWords());
        results.AddRange(effects.OfPictures());
        if (grounding is not null) results.AddRange(new MaskChecks(trained, texts).Examine(cases, grounding, stop));
        results.AddRange(new InputChecks(trained, texts).Examine(cases));
        results.AddRange(AttentionHealth.Results(Maps(trained, cases), new AttentionTexts(language)));
        return new Examination(results, effects);
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
