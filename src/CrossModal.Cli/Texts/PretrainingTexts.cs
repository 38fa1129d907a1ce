namespace CrossModal.Cli.Texts;

/// <summary>What <c>pretrain</c> prints of its measurements.</summary>
/// <param name="Language">The language.</param>
internal sealed record PretrainingTexts(ToolLanguage Language)
{
    public string Scenes(string split, string english, int scenes) => Language.Pick(
        $"{split}, {english}: {scenes} scenes with captions of their own",
        $"{split}，{ChineseComparison.Split(split) ?? english}：{scenes} 个场景，各有自己的图文说明");

    public string CaptionsToScenes(string recalls) => Language.Pick($"  captions to scenes      {recalls}", $"  由说明检索场景  {recalls}");

    public string ScenesToCaptions(string recalls) => Language.Pick($"  scenes to captions      {recalls}", $"  由场景检索说明  {recalls}");

    public string Recall(int k, double recall, double chance) => Language.Format(
        $"recall@{k} {100 * recall:0.0} % (chance {100 * chance:0.0} %)", $"recall@{k} {100 * recall:0.0} %（随机 {100 * chance:0.0} %）");

    public string Geometry(double margin, double gap, double alignment, double ofText, double ofImages, double cka) => Language.Format(
        $"  matched − mismatched {margin:0.000}   modality gap {gap:0.000}   alignment {alignment:0.000}   uniformity {ofText:0.00} (captions), {ofImages:0.00} (scenes)   CKA {cka:0.000}",
        $"  匹配 − 不匹配 {margin:0.000}   模态间隙 {gap:0.000}   对齐度 {alignment:0.000}   均匀度 {ofText:0.00}（说明）、{ofImages:0.00}（场景）   CKA {cka:0.000}");

    public string Matching(double rate, double lower, double upper) => Language.Format(
        $"  right or most similar wrong scene: {100 * rate:0.0} % judged rightly [{100 * lower:0.0}, {100 * upper:0.0}], chance 50 %",
        $"  在正确场景与最相似的错误场景之间判断正确 {100 * rate:0.0} % [{100 * lower:0.0}, {100 * upper:0.0}]，随机 50 %");
}
