using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Cli.Texts;

/// <summary>Says beside a map how faithful it is.</summary>
internal static class JudgedMap
{
    /// <summary>The picture of a word's map with its verdict; in grey unless it is faithful.</summary>
    /// <param name="drawn">The map as it was drawn.</param>
    /// <param name="test">The test; null where there is nothing to be judged by, which is said.</param>
    /// <param name="maps">The maps of the same step, of every layer and camera.</param>
    /// <param name="map">The map drawn.</param>
    /// <param name="word">The word.</param>
    /// <param name="texts">The verdicts in words.</param>
    public static CaptionedPicture Judged(CaptionedPicture drawn, FaithfulnessTest? test, IReadOnlyList<WordMap> maps, WordMap map,
        int word, VerdictTexts texts) => Judged(drawn, test?.Measure(maps, map.Layer, word), texts);

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
