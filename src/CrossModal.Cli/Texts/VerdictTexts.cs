using CrossModal.Explain;

namespace CrossModal.Cli.Texts;

/// <summary>What pages say of the faithfulness of a map.</summary>
/// <param name="Language">The language.</param>
internal sealed record VerdictTexts(ToolLanguage Language)
{
    public string Note => Language.Pick(
        " A map in grey is no better than chance: removing the patches it names changes the action no more than removing random patches.",
        "灰色的热图不优于随机：去掉它所指的 patch，对动作的影响不比去掉随机的 patch 更大。");

    public string Faithful => Language.Pick(Faithfulness.InWords(FaithfulnessVerdict.Faithful), "可信");

    public string NoBetterThanChance => Language.Pick(Faithfulness.InWords(FaithfulnessVerdict.NoBetterThanChance), "不优于随机");

    public string EffectBelowNoise => Language.Pick(Faithfulness.InWords(FaithfulnessVerdict.EffectBelowNoise), "影响低于噪声");

    public string NotMeasured => Language.Pick("faithfulness not measured", "未测量可信度");

    /// <summary>Verdict and score: <c>faithful +0.61</c>; without a score where there is none, and that it was not measured for
    /// null.</summary>
    internal string Of(Faithfulness? measured) => measured is null ? NotMeasured : Of(measured.Verdict, measured.Score);

    /// <summary>Verdict and score; the verdict alone where the score is NaN.</summary>
    internal string Of(FaithfulnessVerdict verdict, double score) => double.IsNaN(score) ? Of(verdict)
        : Language.Format($"{Of(verdict)} {score:+0.00;-0.00}", $"{Of(verdict)} {score:+0.00;-0.00}");

    internal string Of(FaithfulnessVerdict verdict) => verdict switch
    {
        FaithfulnessVerdict.Faithful => Faithful,
        FaithfulnessVerdict.NoBetterThanChance => NoBetterThanChance,
        _ => EffectBelowNoise,
    };
}
