namespace CrossModal.Cli.Texts;

/// <summary>What <c>doctor</c> says of attention and of padding.</summary>
/// <param name="Language">The language.</param>
internal sealed record AttentionTexts(ToolLanguage Language)
{
    public string Attention => Language.Pick("attention", "注意力");

    public string NoMaps => Language.Pick("the strategy has no attention from words to patches: nothing to judge",
        "该策略没有从词到 patch 的注意力：无从判断");

    public string HeadsDiffer => Language.Pick("heads differ", "各注意力头互不相同");

    public string Tied => Language.Pick("all heads of a layer have the same maps", "一层中所有头的图都相同");

    public string Duplicates(int pairs, int all) => Language.Pick($"{pairs} of {all} pairs of heads of a layer have the same map",
        $"同层的 {all} 对头中有 {pairs} 对的图相同");

    public string MapsChange => Language.Pick("maps change with the picture", "注意力图随画面改变");

    public string Frozen => Language.Pick("maps are the same in every scene", "每个场景的图都相同");

    public string InAll(int layers) => Language.Pick($"in all {layers} layers with words over patches", $"全部 {layers} 个词对 patch 的层");

    public string InSome(string what, int bad, int all, IEnumerable<string> layers) => Language.Pick(
        $"{what} in {bad} of {all} layers ({string.Join(", ", layers)})", $"{all} 层中有 {bad} 层{what}（{string.Join("、", layers)}）");

    public string HeadsChoose => Language.Pick("heads choose patches", "注意力头会选择 patch");

    public string Even(int dead, int heads) => Language.Pick($"{dead} of {heads} heads attend evenly to all patches",
        $"{heads} 个头中有 {dead} 个均匀关注所有 patch");

    public string NoSink => Language.Pick("no attention sink", "没有注意力汇聚点");

    public string Sink(double weight, string layer, int row, int column) => Language.Format(
        $"the patch attended most over all words and scenes has {weight:0.00} of the weight ({layer}, row {row}, column {column})",
        $"所有词和场景中最受关注的 patch 占权重的 {weight:0.00}（{layer}，第 {row} 行第 {column} 列）");
}
