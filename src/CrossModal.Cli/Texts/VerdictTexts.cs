using CrossModal.Explain;

namespace CrossModal.Cli.Texts;

/// <summary>What pages say of the faithfulness of a map.</summary>
/// <param name="Language">The language.</param>
internal sealed record VerdictTexts(ToolLanguage Language)
{
    public string Note => Language.Pick(
        " A map in grey is no better than chance: removing the patches it names changes the action no more than removing random patches.",
        "灰色的热图不优于随机：去掉它所指的 patch，对动作的影响不比去掉随机的 patch 更大。");

    public string Of(FaithfulnessVerdict verdict) => Language == ToolLanguage.English ? Faithfulness.InWords(verdict) : verdict switch
    {
        FaithfulnessVerdict.Faithful => "可信",
        FaithfulnessVerdict.NoBetterThanChance => "不优于随机",
        _ => "影响低于噪声",
    };
}
