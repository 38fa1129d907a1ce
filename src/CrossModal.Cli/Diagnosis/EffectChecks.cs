using CrossModal.Cli.Texts;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Statistics;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Diagnosis;

/// <summary>How much an action changes with the instruction and with the picture, over what noise on pixels changes it; whether the policy
/// points at what the instruction names.</summary>
internal sealed class EffectChecks(TrainedPolicy trained, DoctorTexts texts)
{
    private const int NoiseSeeds = 4;

    // An instruction that asks for something else must move the action this much more than one that asks for the same.
    private const double LeastMeaning = 2;
    private readonly Dictionary<string, WordKind?> _words = [];
    private int _followed, _asked, _sameIds, _pairs, _unknown, _ordered;
    private double _chance;

    /// <summary>What was measured.</summary>
    public Effects Effects { get; } = new();

    /// <summary>Every word of the instructions, and what it does; null where that is not known.</summary>
    public IReadOnlyDictionary<string, WordKind?> Words => _words;

    /// <summary>Measures some cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="seed">Seed of the noise and of the words drawn.</param>
    /// <param name="stop">Asks to stop.</param>
    public void Measure(IReadOnlyList<DoctorCase> cases, ulong seed, CancellationToken stop)
    {
        using var actor = new Actor(trained);
        foreach (var (i, example) in cases.Index())
        {
            stop.ThrowIfCancellationRequested();
            Measure(actor, example, new RandomSource(RandomSource.DeriveSeed(seed, (ulong)i)));
        }
    }

    private void Measure(Actor actor, DoctorCase example, RandomSource random)
    {
        var (words, pictures, state) = (example.Words, example.Pictures, example.State);
        var own = actor.Act(words, pictures, state);
        Effects.AddNoise(Enumerable.Range(0, NoiseSeeds)
            .Max(_ => actor.Change(own, actor.Act(words, pictures.Select((p, _, _) => Actor.Noisy(p, random)), state))));
        foreach (var (name, changed) in InstructionChanges.Of(example, trained.Tokenizer, random))
        {
            if (changed.SequenceEqual(words)) continue;
            Effects.Add(name, actor.Change(own, actor.Act(changed, pictures, state)));
            if (name == Checks.OtherInstruction) Follow(actor, example, changed);
        }

        foreach (var (word, at) in words.Select((w, at) => (w, at)))
        {
            _words[word] = example.Kinds?[at];
            if (!trained.Tokenizer.Knows(word)) _unknown++;
        }

        if (example.Scene is null || example.Scene.Own.Goal.Reference >= 0) _ordered++;
        Effects.Add(Checks.OtherPicture, actor.Change(own, actor.Act(words, example.Elsewhere, state)));
        Effects.Add(Checks.BlackPicture, actor.Change(own, actor.Act(words,
            pictures.Select((p, _, _) => new RgbImage(p.Width, p.Height)), state)));
        if (example.Scene is not { } scene) return;
        foreach (var (name, thing) in new[] { (Checks.TargetHidden, scene.Own.Goal.Target), (Checks.OtherHidden, Distractor(scene)) })
            if (thing >= 0)
                Effects.Add(name, actor.Change(own, actor.Act(words, pictures.Select((p, view, age) =>
                    HiddenObject.In(p, (age == 0 ? scene.Frames : scene.Past[age - 1])[view], thing)), state)));
    }

    /// <summary>Counts whether the last step pointed at what the other instruction names, and whether its token numbers differ.</summary>
    private void Follow(Actor actor, DoctorCase example, IReadOnlyList<string> other)
    {
        string Joined(IReadOnlyList<string> words) => string.Join(' ', words);
        _pairs++;
        if (trained.Tokenizer.InputOf(Joined(example.Words)).SequenceEqual(trained.Tokenizer.InputOf(Joined(other)))) _sameIds++;
        if (actor.Points.Length < 6 || example.Scene is not { } scene) return;
        var objects = scene.Other.Start.Objects;
        var nearest = Enumerable.Range(0, objects.Length).MinBy(i => Math.Pow(objects[i].Position.X - actor.Points[0], 2)
            + Math.Pow(objects[i].Position.Y - actor.Points[1], 2));
        _followed += nearest == scene.Other.Goal.Target ? 1 : 0;
        _asked++;
        _chance += 1.0 / objects.Length;
    }

    /// <summary>An object that is neither meant nor told apart by; −1 when there is none.</summary>
    private static int Distractor(MaskedScene scene) => Enumerable.Range(0, scene.Own.Start.Objects.Length)
        .Where(i => i != scene.Own.Goal.Target && i != scene.Own.Goal.Reference).DefaultIfEmpty(-1).First();

    /// <summary>What follows of words.</summary>
    public IEnumerable<CheckResult> OfWords()
    {
        yield return _pairs == 0 ? new CheckResult(Checks.OtherInstruction, texts.OtherInstruction, Verdict.Fail, texts.OneInstruction)
            : Judged(Checks.OtherInstruction, texts.OtherInstruction, Verdict.Fail);
        if (_pairs > 0)
            yield return new CheckResult(Checks.TokenIds, texts.TokenIds, _sameIds > 0 ? Verdict.Fail : _unknown > 0 ? Verdict.Warn
                : Verdict.Pass, texts.TokenIdFigures(_sameIds, _pairs, _unknown));
        if (_asked > 0)
        {
            var (share, chance) = (WilsonInterval.Of(_followed, _asked), _chance / _asked);
            yield return new CheckResult(Checks.Points, texts.Points, share.Lower > chance ? Verdict.Pass : Verdict.Fail,
                texts.PointFigures(share.Rate, share.Lower, share.Upper, _asked, chance));
        }

        if (Effects.Of(Checks.Reworded) is { Count: > 0 } reworded)
        {
            var (other, same) = (Effects.Mean(Checks.OtherInstruction), reworded.Average());
            yield return new CheckResult(Checks.Meaning, texts.Meaning,
                other >= LeastMeaning * same && other > 0 ? Verdict.Pass : Verdict.Fail,
                texts.MeaningFigures(other, same, other / Math.Max(same, 1e-9), reworded.Count));
        }

        yield return Judged(Checks.AllWithheld, texts.AllWithheld, Verdict.Warn);
        yield return Judged(Checks.RandomWords, texts.RandomWords, Verdict.Fail);
        var order = Judged(Checks.Shuffled, texts.Shuffled, Verdict.Warn);
        yield return _ordered > 0 || order.Verdict == Verdict.Pass ? order
            : order with { Verdict = Verdict.Pass, Figures = order.Figures + texts.OrderMeansNothing };
        foreach (var name in Effects.Names.Where(n => n.StartsWith(InstructionChanges.Withheld, StringComparison.Ordinal)))
            yield return Judged(name, texts.KindWithheld(name[InstructionChanges.Withheld.Length..]), Verdict.Warn);
        foreach (var name in Effects.Names.Where(n => n.StartsWith(InstructionChanges.Changed, StringComparison.Ordinal)))
            yield return Judged(name, texts.KindChanged(name[InstructionChanges.Changed.Length..]), Verdict.Warn);
        yield return EachWord();
    }

    /// <summary>What follows of pictures.</summary>
    public IEnumerable<CheckResult> OfPictures()
    {
        yield return Judged(Checks.OtherPicture, texts.OtherPicture, Verdict.Fail);
        yield return Judged(Checks.BlackPicture, texts.BlackPicture, Verdict.Warn);
        if (Effects.Of(Checks.TargetHidden).Count == 0) yield break;
        yield return Judged(Checks.TargetHidden, texts.TargetHidden, Verdict.Warn);
        if (Effects.Of(Checks.OtherHidden) is not { Count: > 1 } hidden) yield break;
        var more = Bootstrap.Mean([.. Effects.Of(Checks.TargetHidden).Zip(hidden, (a, b) => a - b)]);
        yield return new CheckResult(Checks.OtherHidden, texts.TargetOverOther, more.Lower > 0 ? Verdict.Pass : Verdict.Warn,
            texts.TargetOverOtherFigures(Effects.Mean(Checks.TargetHidden), Effects.Mean(Checks.OtherHidden), more.Lower, more.Upper));
    }

    private CheckResult EachWord()
    {
        bool Names(string word) => _words[word] is null or WordKind.Color or WordKind.Shape;
        string[] all = [.. _words.Keys.Where(Names)];
        bool Matters(string word) => Effects.Matters(InstructionChanges.WordWithheld + word)
            || Effects.Matters(InstructionChanges.WordChanged + word);
        var without = all.Where(w => !Matters(w)).ToArray();
        return new CheckResult(Checks.EachWord, texts.EachWord, without.Length == 0 ? Verdict.Pass
            : without.Length == all.Length ? Verdict.Fail : Verdict.Warn, texts.EachWordFigures(all.Length - without.Length, all.Length,
                without));
    }

    private CheckResult Judged(string key, string name, Verdict below) => new(key, name, Effects.Matters(key) ? Verdict.Pass : below,
        texts.Effect(Effects.Mean(key), Effects.Ratio(key), Effects.Noise, Effects.Of(key).Count));
}
