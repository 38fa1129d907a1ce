using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Texts;

/// <summary>What <c>demo</c>, <c>train</c>, <c>pretrain</c> and <c>evaluate</c> print.</summary>
/// <param name="Language">The language.</param>
internal sealed record RunTexts(ToolLanguage Language)
{
    public string Training => Language.Pick("training", "训练");

    public string Ranks(int ranks, int shards) => Language.Pick($"{ranks} ranks share {shards} shards of every batch",
        $"每个批次分为 {shards} 个分片，由 {ranks} 个 rank 分担");

    public string PreTraining => Language.Pick("pre-training", "预训练");

    public string Success => Language.Pick("Success in closed loop, with 95 % intervals:", "闭环成功率，附 95 % 区间：");

    public string NewLayouts => Language.Pick("new layouts", "新布局");

    public string UnseenPairs => Language.Pick("unseen colour-shape pairs", "未见的颜色–形状组合");

    public string WordsWithheld => Language.Pick("the same policy, words withheld", "同一策略，不给文字");

    public string PictureWithheld => Language.Pick("the same policy, picture withheld", "同一策略，不给图像");

    public string NoMaps => Language.Pick("No attention of this strategy goes from words to patches.", "该策略没有从单词到 patch 的注意力。");

    public string Pointing => Language.Pick("pointing", "指中率");

    public string Began(string strategy, IEnumerable<string> tasks, long parameters, int steps, int scenes, int instructions, ulong seed,
        string? init) => Language.Format(
        $"Training {strategy} on {string.Join(", ", tasks)}: {parameters:N0} parameters, {steps} steps of {scenes} scenes × {instructions} instructions, seed {seed}{(init is null ? "" : $", starting from {init}")}",
        $"在 {string.Join("、", tasks)} 上训练 {strategy}：{parameters:N0} 个参数，{steps} 步，每步 {scenes} 个场景 × {instructions} 条指令，种子 {seed}{(init is null ? "" : $"，从 {init} 开始")}");

    public string BeganPretraining(string strategy, long parameters, int steps, int scenes, object objectives, ulong seed) =>
        Language.Format(
        $"Pre-training {strategy} on captions: {parameters:N0} parameters, {steps} steps of {scenes} scenes, {objectives}, seed {seed}",
        $"用图文说明预训练 {strategy}：{parameters:N0} 个参数，{steps} 步，每步 {scenes} 个场景，目标 {objectives}，种子 {seed}");

    public string Took(int taken, int all, string from, IEnumerable<string> drawn) => Language.Pick(
        $"Took {taken} of {all} tensors from {from}; newly drawn: {string.Join(", ", drawn)}",
        $"从 {from} 取用 {taken} 个张量（共 {all} 个）；重新初始化的部分：{string.Join("、", drawn)}");

    public string OnTask(string task, string name) => Language.Pick($"{task}: {name}", $"{task}：{name}");

    public string InLanguage(string name, InstructionLanguage instructions) => Language.Pick(
        $"{name}, {(instructions == InstructionLanguage.Chinese ? "zh" : "en")}",
            $"{name}，{(instructions == InstructionLanguage.Chinese ? "中文指令" : "英文指令")}");

    public string Without(string name, string control) => Language.Pick($"{name}, {control}", $"{name}，{control}");

    public string Evaluating(string name, int done, int episodes, int successes) => Language.Pick(
        $"  {name}: {done} of {episodes} episodes, {successes} successes", $"  {name}：已完成 {done}/{episodes} 回合，成功 {successes} 次");

    public string Evaluated(string name, EvaluationResult result)
    {
        var s = result.Success;
        var padded = DisplayWidth.Pad(name, 34);
        return Language.Format(
            $"  {padded} {100 * s.Rate,5:0.0} %  [{100 * s.Lower:0.0}, {100 * s.Upper:0.0}]  {result.Episodes.Count} episodes, chance {100 * result.Chance:0.0} %",
            $"  {padded} {100 * s.Rate,5:0.0} %  [{100 * s.Lower:0.0}, {100 * s.Upper:0.0}]  {result.Episodes.Count} 回合，随机水平 {100 * result.Chance:0.0} %");
    }

    public string Grounding(int scenes) => Language.Pick(
        $"Attention weights of words ({scenes} new layouts; share of attention on the right object, lift over chance, pointing):",
        $"各单词的注意力权重（{scenes} 个新布局；落在正确物体上的注意力份额、相对随机水平的提升度、指中率）：");

    public string Grounded(string layer, WordKind kind, double mass, double lift, double pointing) => Language.Format(
        $"  {layer,-32} {kind.ToString().ToLowerInvariant(),-6} mass {mass,5:0.000}  lift {lift,5:0.0}×  pointing {100 * pointing,5:0.0} %",
        $"  {layer,-32} {Kind(kind)}  份额 {mass,5:0.000}  提升度 {lift,5:0.0}×  指中率 {100 * pointing,5:0.0} %");

    public string Report(string path) => Language.Pick($"Report: {path}", $"报告：{path}");

    public string Next(string commandLine) => Language.Pick($"Next: {commandLine}", $"下一步：{commandLine}");

    public string BelowExpected(double rate, double expected) => Language.Format(
        $"success on new layouts is {100 * rate:0.0} %, below the expected {100 * expected:0} %",
            $"新布局上的成功率为 {100 * rate:0.0} %，低于预期的 {100 * expected:0} %");

    public string Evaluation(string strategy, IEnumerable<object> tasks) => Language.Pick(
        $"{strategy} on {string.Join(", ", tasks)}, success with 95 % intervals:",
            $"{strategy}，任务 {string.Join("、", tasks)}，成功率附 95 % 区间：");

    public string Changed(double rate, double lower, double upper) => Language.Format(
        $"    with another instruction in the same scene, behaviour changed in {100 * rate:0.0} % [{100 * lower:0.0}, {100 * upper:0.0}]",
        $"    同一场景换一条指令，行为随之改变的占 {100 * rate:0.0} % [{100 * lower:0.0}, {100 * upper:0.0}]");

    public string Kind(WordKind kind) => Language.Pick(kind.ToString().ToLowerInvariant(), kind switch
    {
        WordKind.Verb => "动词",
        WordKind.Color => "颜色",
        WordKind.Shape => "形状",
        WordKind.Relation => "方位",
        _ => "虚词",
    });
}
