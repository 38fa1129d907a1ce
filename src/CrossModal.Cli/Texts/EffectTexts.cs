namespace CrossModal.Cli.Texts;

/// <summary>What a page says of the instruction effect over a training.</summary>
/// <param name="Language">The language.</param>
internal sealed record EffectTexts(ToolLanguage Language)
{
    public string Step => Language.Pick("step", "步");

    public string Axis => Language.Pick("change of the action / σ", "动作的变化（σ）");

    public string Effect => Language.Pick("another instruction", "换一条指令");

    public string Noise => Language.Pick("noise on pixels", "像素噪声");

    public string Caption => Language.Pick(
        "Instruction effect: how far the action moves when the same picture is given another instruction, in standard deviations of the " +
            "action, beside what noise of 0.01 on the pixels does. A policy whose line stays near the noise does not use its words.",
        "指令效应：同一画面换一条指令时动作改变多少（以动作的标准差为单位），旁边是像素上 0.01 的噪声造成的改变。曲线一直贴近噪声的策略没有用到指令中的词。");
}
