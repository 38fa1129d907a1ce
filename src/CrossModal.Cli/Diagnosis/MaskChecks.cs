using CrossModal.Cli.Texts;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Statistics;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Diagnosis;

/// <summary>What needs the exact masks of the tabletop: where the attention of words lies, whether their edges to the object matter, and
/// what share of the important patches shows nothing that the task is about.</summary>
internal sealed class MaskChecks(TrainedPolicy trained, DoctorTexts texts)
{
    private const double LeastLift = 1.5;
    private const int Draws = 5;

    // Of the tenth of the patches that matter most; with as many patches as there are, a target of two or three leaves the rest.
    private const double MostNuisance = 0.9;

    /// <summary>Examines some cases of the tabletop.</summary>
    public IEnumerable<CheckResult> Examine(IReadOnlyList<DoctorCase> cases, IReadOnlyList<WordGrounding> grounding, CancellationToken stop)
    {
        var named = grounding.Where(g => g.Kind is WordKind.Color or WordKind.Shape).ToList();
        if (named.MaxBy(g => g.Lift) is { } best)
            yield return new CheckResult(Checks.Lift, texts.Lift, best.Lift >= LeastLift ? Verdict.Pass : Verdict.Warn,
                texts.LiftFigures(best.Lift, texts.Kind(best.Kind), best.Layer, best.Pointing.Rate));
        yield return Knockout(cases, stop);
        yield return Nuisance(cases, stop);
    }

    private CheckResult Knockout(IReadOnlyList<DoctorCase> cases, CancellationToken stop)
    {
        var measured = new List<WordKnockout>();
        foreach (var (i, example) in cases.Index())
        {
            stop.ThrowIfCancellationRequested();
            var scene = example.Scene!;
            var named = Enumerable.Range(0, example.Words.Count).Where(w => scene.Own.Instruction.ObjectIndices[w] == scene.Own.Goal.Target
                && example.Kinds![w] is WordKind.Color or WordKind.Shape).ToList();
            if (WordKnockout.Measure(trained, CaseInput.Of(trained, example, example.Words), named, Coverage(scene), Draws,
                new RandomSource((ulong)i + 1)) is { } found)
                measured.Add(found);
        }

        if (measured.Count < 2) return new CheckResult(Checks.Knockout, texts.Knockout, Verdict.Warn, texts.NoDirectEdges);
        var more = Bootstrap.Mean([.. measured.Select(m => m.Effect - m.RandomEffects.Average())]);
        return new CheckResult(Checks.Knockout, texts.Knockout, more.Lower > 0 ? Verdict.Pass : Verdict.Warn,
            texts.KnockoutFigures(measured.Average(m => m.Effect), measured.Average(m => m.RandomEffects.Average()),
                (more.Lower, more.Upper), measured.Average(m => m.Mass), measured.Average(m => m.RandomMass), measured.Count));
    }

    private CheckResult Nuisance(IReadOnlyList<DoctorCase> cases, CancellationToken stop)
    {
        var (shares, method) = (new List<double>(), new MaskedImportance());
        foreach (var example in cases)
        {
            stop.ThrowIfCancellationRequested();
            var decision = trained.Explained(CaseInput.Of(trained, example, example.Words) with { Mask = null },
                ExplanationTarget.Direction);
            shares.Add(NuisanceShare.Of(method.Compute(decision).Joined(null), decision.Grid, example.Scene!.Own, example.Scene.Frames));
        }

        var share = Bootstrap.Mean(shares);
        return new CheckResult(Checks.Nuisance, texts.Nuisance, share.Value <= MostNuisance ? Verdict.Pass : Verdict.Warn,
            texts.NuisanceFigures(share.Value, share.Lower, share.Upper));
    }

    /// <summary>Share of every patch the target covers, camera after camera, then those of the steps before.</summary>
    private float[] Coverage(MaskedScene scene)
    {
        var grid = trained.Policy.Grid;
        CameraFrame[] frames = [.. scene.Frames, .. scene.Past.SelectMany(before => before)];
        var coverage = new float[frames.Length * grid.Count];
        for (var i = 0; i < frames.Length; i++)
            frames[i].CoverageOfPatches(CameraFrame.IdOf(scene.Own.Goal.Target), grid.Rows, grid.Columns,
                coverage.AsSpan(i * grid.Count, grid.Count));
        return coverage;
    }
}
