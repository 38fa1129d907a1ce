namespace CrossModal.Cli.Texts;

/// <summary>What a run on recordings prints and its page says.</summary>
/// <param name="Language">The language.</param>
internal sealed record RecordedTexts(ToolLanguage Language)
{
    public string NoMaps => Language.Pick(
        "No attention of this strategy goes from words to patches: there are no heat maps", "该策略没有从单词到 patch 的注意力：没有热图");

    public string HeldOutError => Language.Pick("Held-out action error", "留出回合的动作误差");

    public string RatioToMean => Language.Pick("Error over that of the mean", "误差与平均动作误差之比");

    public string ErrorOfDimensions => Language.Pick("Error of each dimension", "各维误差");

    public string Attention => Language.Pick("Attention of words in held-out frames", "留出画面中各单词的热图");

    public string Training => Language.Pick("Training", "训练");

    public string Step => Language.Pick("step", "步");

    public string Loss => Language.Pick("loss", "损失");

    public string Policy => Language.Pick("policy", "策略");

    public string MeanAction => Language.Pick("mean action", "平均动作");

    public string ErrorAxis => Language.Pick("root mean square error, unit of the recording", "均方根误差，单位与记录相同");

    public string NoInterval => Language.Pick("no interval: it takes two held-out episodes", "没有区间：需要两个留出回合");

    public string Better => Language.Pick("better than the mean", "优于平均动作");

    public string Worse => Language.Pick("worse than the mean", "差于平均动作");

    public string NotToldApart => Language.Pick("not told apart from the mean", "与平均动作不能区分");

    public string OverEpisodes => Language.Pick(" over episodes, 95 %", "（跨回合，95 %）");

    public string Began(string strategy, int episodes, int steps, int heldOut, long parameters, int trainingSteps, ulong seed) =>
        Language.Format(
        $"Training {strategy} on {episodes} episodes ({steps} steps), {heldOut} held out: {parameters:N0} parameters, {trainingSteps} steps, seed {seed}",
        $"在 {episodes} 个回合（{steps} 步）上训练 {strategy}，留出 {heldOut} 个：{parameters:N0} 个参数，{trainingSteps} 步，种子 {seed}");

    public string Maps(string folder) => Language.Pick($"Heat maps over held-out frames: {folder}", $"留出画面上的热图：{folder}");

    public string Error(int steps, int episodes, double error, double mean) => Language.Format(
        $"Action error on {steps} steps of {episodes} held-out episodes: {error:0.000} of the variance; always the mean action: {mean:0.000}",
        $"{episodes} 个留出回合共 {steps} 步的动作误差：方差的 {error:0.000} 倍；始终取平均动作：{mean:0.000}");

    public string Ratio(double ratio, string range, string over, string verdict) => Language.Format(
        $"  ratio {ratio:0.000} {range}{over} ({verdict})", $"  比值 {ratio:0.000} {range}{over}（{verdict}）");

    public string ErrorPerDimension(string values) => Language.Pick($"  root mean square error per dimension: {values}",
        $"  各维的均方根误差：{values}");

    public string MeanPerDimension(string values) => Language.Pick($"  of the mean action:                   {values}",
        $"  平均动作的误差：  {values}");

    public string UnknownInTraining(string words) => Language.Pick(
        $"no training episode has these words of held-out instructions: {words}", $"留出回合的指令中有训练回合没有的单词：{words}");

    public string UnknownParagraph(string words) => Language.Pick(
        $"No training episode has these words of held-out instructions: {words}.", $"留出回合的指令中有训练回合没有的单词：{words}。");

    public string Title(string strategy, int episodes) => Language.Pick($"{strategy} on {episodes} recorded episodes",
        $"{strategy}：{episodes} 个记录的回合");

    public string Subtitle(string name, ulong seed) => Language.Pick($"{name}, seed {seed}", $"{name}，种子 {seed}");

    public string OverVariance(string mean) => Language.Pick(
        $"over the variance; always the mean action: {mean}", $"相对于方差；始终取平均动作：{mean}");

    public string Verdict(string verdict, string range, int steps, int episodes) => Language.Pick(
        $"{verdict} {range}; {steps} steps of {episodes} episodes, 95 % interval over episodes",
            $"{verdict} {range}；{episodes} 个回合共 {steps} 步，跨回合的 95 % 区间");

    public string EpisodesShown(int shown, int all) => Language.Pick(
        $"The first {shown} of {all} held-out episodes are shown; crossmodal attend draws any other picture.",
        $"这里显示 {all} 个留出回合中的前 {shown} 个；其他画面可用 crossmodal attend 绘制。");

    public string DimensionsShown(int shown, int all) => Language.Pick(
        $"The first {shown} of {all} dimensions; the command printed them all.", $"{all} 维中的前 {shown} 维；命令的输出中有全部。");

    public string OfPolicy(int dimension) => Language.Pick($"{dimension}: policy", $"{dimension}：策略");

    public string OfMean(int dimension) => Language.Pick($"{dimension}: mean action", $"{dimension}：平均动作");

    public string Frame(int step) => Language.Pick($"step {step}", $"第 {step} 步");

    public string Caption(string episode, string instruction, string layer, int shown, int words) => Language.Pick(
        $"{episode}: {instruction}; {layer}, mean over heads, × uniform.{(words > shown ? $" The first {shown} of {words} words are shown." : "")}",
        $"{episode}：{instruction}；{layer}，各头平均，数字为均匀分布的倍数。{(words > shown ? $"这里显示 {words} 个单词中的前 {shown} 个。" : "")}");
}
