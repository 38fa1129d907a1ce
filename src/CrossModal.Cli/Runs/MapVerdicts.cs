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
        Of(() => trained.Explained(input, ExplanationTarget.Direction));

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
        return Of(() => step.Decision);
    }

    private static FaithfulnessTest? Of(Func<ExplainedDecision> decision)
    {
        try
        {
            return new FaithfulnessTest(decision(), FaithfulnessOptions.Short);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The picture of a word's map with its verdict; in grey unless it is faithful.</summary>
    /// <param name="drawn">The map as it was drawn.</param>
    /// <param name="test">The test; null leaves the picture as it is.</param>
    /// <param name="maps">The maps of the same step, of every layer and camera.</param>
    /// <param name="cameras">Number of the policy's cameras.</param>
    /// <param name="map">The map drawn.</param>
    /// <param name="word">The word.</param>
    /// <param name="texts">The verdicts in words.</param>
    public static CaptionedPicture Judged(CaptionedPicture drawn, FaithfulnessTest? test, IReadOnlyList<WordMap> maps, int cameras,
        WordMap map, int word, VerdictTexts texts)
    {
        if (test is null) return drawn;
        var measured = test.Measure([.. Enumerable.Range(0, cameras).SelectMany(view =>
            maps.FirstOrDefault(m => m.View == view && m.Layer == map.Layer)?.Mean(word) ?? new float[map.Grid.Count])]);
        return Judged(drawn, measured, texts);
    }

    /// <summary>The picture of a map with its score and verdict; in grey unless it is faithful.</summary>
    public static CaptionedPicture Judged(CaptionedPicture drawn, Faithfulness measured, VerdictTexts texts)
    {
        var judged = drawn with { Caption = $"{drawn.Caption}, {texts.Of(measured)}" };

        // The font of pictures has no Chinese characters.
        return measured.Verdict == FaithfulnessVerdict.Faithful ? judged
            : judged with { Image = GreyedPicture.Of(drawn.Image, Faithfulness.InWords(measured.Verdict)) };
    }
}
