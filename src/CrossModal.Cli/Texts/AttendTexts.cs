namespace CrossModal.Cli.Texts;

/// <summary>What <c>attend</c> prints and its page says.</summary>
/// <param name="Language">The language.</param>
internal sealed record AttendTexts(ToolLanguage Language)
{
    public string Title => Language.Pick("Attention maps of the words", "每个单词的注意力热图");

    public string Patches => Language.Pick("patches", "按 patch");

    public string Smooth => Language.Pick("smooth", "平滑");

    public string MostAttended => Language.Pick("Patches with the largest weight for each word", "每个单词权重最大的 patch");

    public string OneMap => Language.Pick("one map", "单张图");

    public string Head(int head) => Language.Pick($"head {head}", $"第 {head} 头");

    public string MeanOf(int heads) => Language.Pick($"mean of {heads} heads", $"{heads} 个头的平均");

    public string Listing(string layer, string head, object grid, double uniform) => Language.Format(
        $"{layer}, {head}, {grid} patches, (row, column) from the upper left, weight, × uniform ({uniform:0.####})",
        $"{layer}，{head}，{grid} 个 patch；（行, 列）从左上角数起，权重，均匀分布（{uniform:0.####}）的倍数");

    public string OnPadding(double share) => Language.Format($"{100 * share:0} % on padding", $"{100 * share:0} % 落在填充上");

    public string Input(string? camera, int width, int height) => Language.Pick(
        $"{(camera is null ? "" : $"{camera}: ")}input of {width} × {height} pixels",
            $"{(camera is null ? "" : $"{camera}：")}输入 {width} × {height} 像素");

    public string Shown(int words, int allWords, int maps, int allMaps) => Language.Pick(
        $"Shown are the first {words} of {allWords} words and {maps} of {allMaps} maps; the folder has pictures of all.",
        $"这里显示前 {words} 个单词（共 {allWords} 个）和 {maps} 张图（共 {allMaps} 张）；文件夹里有全部图片。");

    public string Wrote(int pictures, string page) => Language.Pick($"wrote {pictures} pictures and {page}", $"已写出 {pictures} 张图片和 {page}");

    public string WrotePerturbed(int pictures, string folder) => Language.Pick(
        $"wrote {pictures} perturbed pictures to {folder}", $"已把 {pictures} 张扰动后的图片写入 {folder}");

    public string Numbered(IEnumerable<string> words) => Language.Pick(
        $"Words by number in the pictures' titles: {string.Join(", ", words)}", $"图片标题中的单词编号：{string.Join("，", words)}");

    public string Unknown(bool policy, IEnumerable<string> words) => Language.Pick(
        $"the {(policy ? "policy" : "model")} never learned: {string.Join(", ", words)}",
            $"{(policy ? "策略" : "模型")}没有学过：{string.Join("、", words)}");

    public string Dropped(int pieces) => Language.Pick(
        $"the instruction is too long: {pieces} pieces of words at its end were left out", $"指令过长：末尾的 {pieces} 个词片被略去");

    public string NoProprioception(bool mean) => Language.Pick(
        $"no --proprioception: {(mean ? "the mean of the training data" : "zeros")} in its place; the action depends on it, the attention does not",
        $"未给 --proprioception：以{(mean ? "训练数据的平均值" : "零")}代替；动作取决于它，注意力不取决于它");
}
