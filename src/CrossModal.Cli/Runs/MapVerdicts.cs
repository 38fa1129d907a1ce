using CrossModal.Cli.Texts;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Reports;

namespace CrossModal.Cli.Runs;

/// <summary>Judges the maps that a report draws, and says so beside each.</summary>
internal static class MapVerdicts
{
    /// <summary>The test of the maps of a sample; null where there is nothing to be judged by.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="input">One sample.</param>
    public static FaithfulnessTest? Of(TrainedPolicy trained, PolicyInput input) =>
        FaithfulnessTest.Short(() => trained.Explained(input, ExplanationTarget.Direction));

    /// <summary>The test of the maps of a policy's first step.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="photos">A picture of each camera.</param>
    /// <param name="instruction">The instruction.</param>
    /// <param name="state">The robot's state.</param>
    public static FaithfulnessTest? Of(TrainedPolicy trained, IReadOnlyList<RgbImage> photos, string instruction, ReadOnlySpan<float> state)
    {
        using var policy = Policy.Of(trained);
        policy.SetInstruction(instruction, allowUnknown: true);
        var observation = new Observation { State = state };
        for (var view = 0; view < photos.Count; view++) observation = observation.With(policy.Cameras[view], photos[view]);
        policy.Act(observation);
        var step = policy.Explained();
        return FaithfulnessTest.Short(() => step.Decision);
    }

    /// <summary>The picture of a word's map with its verdict; in grey unless it is faithful.</summary>
    /// <param name="drawn">The map as it was drawn.</param>
    /// <param name="test">The test; null where there is nothing to be judged by, which is said.</param>
    /// <param name="maps">The maps of the same step, of every layer and camera.</param>
    /// <param name="map">The map drawn.</param>
    /// <param name="word">The word.</param>
    /// <param name="texts">The verdicts in words.</param>
    public static CaptionedPicture Judged(CaptionedPicture drawn, FaithfulnessTest? test, IReadOnlyList<WordMap> maps, WordMap map, int word,
        VerdictTexts texts) => Judged(drawn, test?.Measure(maps, map.Layer, word), texts);

    /// <summary>The picture of a map with its score and verdict; in grey unless it is faithful, with a note where that was not
    /// measured.</summary>
    public static CaptionedPicture Judged(CaptionedPicture drawn, Faithfulness? measured, VerdictTexts texts) =>
        Captioned(drawn with { Image = Drawn(drawn.Image, measured) }, texts.Of(measured));

    /// <summary>The picture of a map with its score, NaN where there is none, and its verdict; in grey unless it is faithful.</summary>
    public static CaptionedPicture Judged(CaptionedPicture drawn, FaithfulnessVerdict verdict, double score, VerdictTexts texts) =>
        Captioned(drawn with { Image = Drawn(drawn.Image, verdict) }, texts.Of(verdict, score));

    /// <summary>A map as it was drawn, in grey unless it is faithful; with its colours where that was not measured.</summary>
    public static RgbImage Drawn(RgbImage map, Faithfulness? measured) => measured is null ? map : Drawn(map, measured.Verdict);

    // The font of pictures has no Chinese characters.
    private static RgbImage Drawn(RgbImage map, FaithfulnessVerdict verdict) => verdict == FaithfulnessVerdict.Faithful ? map
        : GreyedPicture.Of(map, Faithfulness.InWords(verdict));

    private static CaptionedPicture Captioned(CaptionedPicture drawn, string words) =>
        drawn with { Caption = drawn.Caption.Length == 0 ? words : $"{drawn.Caption}, {words}" };
}
