using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Imitation;

/// <summary>Recordings made ready for a policy: split into training and held-out episodes, numbers normalised by those of
/// training.</summary>
internal sealed class RecordedData
{
    /// <summary>The fewest episodes that are split.</summary>
    public const int FewestEpisodes = 2;

    private RecordedData(HoldOut rule, IReadOnlyList<Episode> training, IReadOnlyList<Episode> heldOut, IReadOnlyList<string> cameras)
    {
        (Rule, Training, HeldOut) = (rule, training, heldOut);
        Actions = Normalization.Learn([.. training.SelectMany(e => e.Actions)]);
        States = training[0].States is null ? null : Normalization.Learn([.. training.SelectMany(e => e.States!)]);
        Tokenizer = WordTokenizer.Learn(training.Select(e => e.Instruction));
        Signature = new PolicySignature(
            Quantity.WithRanges(training[0].ActionQuantities, [.. training.SelectMany(e => e.Actions)]),
            Quantity.WithRanges(training[0].StateQuantities, [.. training.SelectMany(e => e.States ?? [])]),
            cameras);
    }

    /// <summary>Which episodes are held out.</summary>
    public HoldOut Rule { get; }

    /// <summary>Episodes to train on.</summary>
    public IReadOnlyList<Episode> Training { get; }

    /// <summary>Episodes to judge on.</summary>
    public IReadOnlyList<Episode> HeldOut { get; }

    /// <summary>How actions are normalised.</summary>
    public Normalization Actions { get; }

    /// <summary>How states are normalised; null when there are none.</summary>
    public Normalization? States { get; }

    /// <summary>Names, units and ranges of actions and states in the training episodes.</summary>
    public PolicySignature Signature { get; }

    /// <summary>The words of the training instructions.</summary>
    public WordTokenizer Tokenizer { get; }

    /// <summary>Splits recordings by the rule of <see cref="HoldOut.Of"/>.</summary>
    /// <param name="folder">The folder, for errors.</param>
    /// <param name="episodes">All episodes.</param>
    /// <param name="cameras">Names of their cameras, in the order of their views; one called <c>camera</c> when null.</param>
    /// <exception cref="FileFormatException">There are fewer than two episodes.</exception>
    public static RecordedData Split(string folder, IReadOnlyList<Episode> episodes, IReadOnlyList<string>? cameras = null)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        if (episodes.Count < FewestEpisodes)
            throw new FileFormatException(folder,
            $"holds {episodes.Count} episodes; at least {FewestEpisodes} are needed, one of which is held out");
        var rule = HoldOut.Of(episodes);
        return new RecordedData(rule, [.. episodes.Where(e => !rule.Holds(e))], [.. episodes.Where(rule.Holds)], cameras ?? ["camera"]);
    }

    /// <summary>Words of episodes that a tokenizer has no number for, in the order they occur, each once.</summary>
    public static IReadOnlyList<string> UnknownWords(WordTokenizer tokenizer, IReadOnlyList<Episode> episodes)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(episodes);
        return [.. episodes.SelectMany(e => tokenizer.WordsOf(e.Instruction)).Where(word => !tokenizer.Knows(word)).Distinct()];
    }
}
