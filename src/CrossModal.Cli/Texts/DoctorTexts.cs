using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Texts;

/// <summary>What <c>doctor</c> says of its checks.</summary>
/// <param name="Language">The language.</param>
internal sealed record DoctorTexts(ToolLanguage Language)
{
    public string Title => Language.Pick("Does the policy use its words and its picture?", "策略是否用到了指令和图像？");

    public string Verdict => Language.Pick("verdict", "结论");

    public string Check => Language.Pick("check", "检查");

    public string Figures => Language.Pick("figures", "数值");

    public string EveryWord => Language.Pick("Every word", "逐词");

    public string Word => Language.Pick("word", "词");

    public string Does => Language.Pick("what it does", "词类");

    public string Cases => Language.Pick("cases", "次数");

    public string WithheldColumn => Language.Pick("withheld / σ", "去掉（σ）");

    public string ChangedColumn => Language.Pick("changed / σ", "换掉（σ）");

    public string WordCaption(double noise) => Language.Format(
        $"How far the action moves when one word is withheld (replaced by a word that the policy does not know) or changed (for another of its kind), in standard deviations of the action; noise on pixels moves it by {noise:0.0000} σ.",
        $"去掉一个词（换成策略不认识的词）或把它换成同类的另一个词时，动作改变多少，以动作的标准差为单位；像素噪声使动作改变 {noise:0.0000} σ。");

    public string OtherInstruction => Language.Pick("another instruction in the same scene", "同一场景中换一条指令");

    public string OneInstruction => Language.Pick("all cases have one instruction: nothing else can be asked", "所有样本只有一条指令：无法换别的指令");

    public string TokenIds => Language.Pick("token numbers change with the instruction", "词元编号随指令改变");

    public string TokenIdFigures(int same, int pairs, int unknown) => Language.Format(
        $"the same numbers for two instructions in {same} of {pairs} cases; {unknown} words that the policy does not know",
        $"{pairs} 例中有 {same} 例两条指令的编号相同；策略不认识的词 {unknown} 个");

    public string Points => Language.Pick("points at what it is told", "指向指令所说的物体");

    public string PointFigures(double rate, double lower, double upper, int scenes, double chance) => Language.Format(
        $"at the object the other instruction names in {100 * rate:0} % [{100 * lower:0}, {100 * upper:0}] of {scenes} scenes, chance {100 * chance:0} %",
        $"{scenes} 个场景中 {100 * rate:0} % [{100 * lower:0}, {100 * upper:0}] 指向另一条指令所说的物体，随机为 {100 * chance:0} %");

    public string Meaning => Language.Pick("what is asked counts more than how it is worded", "要求的内容比措辞更重要");

    public string MeaningFigures(double other, double same, double ratio, int cases) => Language.Format(
        $"another request changes the action by {other:0.000} σ, the same request in other words by {same:0.000} σ ({ratio:0.0}×), {cases} scenes",
        $"换一个要求使动作改变 {other:0.000} σ，同一要求换措辞改变 {same:0.000} σ（{ratio:0.0} 倍），{cases} 个场景");

    public string AllWithheld => Language.Pick("the instruction withheld", "去掉整条指令");

    public string RandomWords => Language.Pick("random words instead", "换成随机的词");

    public string Shuffled => Language.Pick("the words in another order", "打乱词序");

    public string OrderMeansNothing => Language.Pick("; with one object named, order carries no meaning", "；只提到一个物体时词序没有意义");

    public string KindWithheld(string kind) => Language.Pick($"words withheld: {kind}", $"去掉一类词：{KindName(kind)}");

    public string KindChanged(string kind) => Language.Pick($"words changed: {kind}", $"换掉一类词：{KindName(kind)}");

    public string EachWord => Language.Pick("each word that names something", "每个指称物体的词");

    public string EachWordFigures(int matter, int all, IEnumerable<string> without) => Language.Pick(
        $"{matter} of {all} change the action when withheld or changed{string.Concat(without.Select((w, i) => $"{(i == 0 ? "; not: " : ", ")}{w}"))}",
        $"{all} 个词中有 {matter} 个在去掉或换掉时改变动作{string.Concat(without.Select((w, i) => $"{(i == 0 ? "；没有影响的：" : "、")}{w}"))}");

    public string OtherPicture => Language.Pick("another picture", "换一幅画面");

    public string BlackPicture => Language.Pick("a black picture", "全黑画面");

    public string TargetHidden => Language.Pick("the target hidden", "遮住目标");

    public string TargetOverOther => Language.Pick("the target counts more than another object", "目标比其他物体更重要");

    public string TargetOverOtherFigures(double target, double other, double lower, double upper) => Language.Format(
        $"hidden, the target changes the action by {target:0.000} σ, another object by {other:0.000} σ; difference 95 % [{lower:0.000}, {upper:0.000}]",
        $"遮住目标使动作改变 {target:0.000} σ，遮住另一物体改变 {other:0.000} σ；差值 95 % [{lower:0.000}, {upper:0.000}]");

    public string Effect(double effect, double ratio, double noise, int cases) => Language.Format(
        $"changes the action by {effect:0.000} σ, {ratio:0.0}× what noise on pixels does ({noise:0.0000} σ), mean of {cases} cases",
        $"使动作改变 {effect:0.000} σ，是像素噪声（{noise:0.0000} σ）的 {ratio:0.0} 倍，{cases} 例的均值");

    public string Kind(WordKind kind) => KindName(kind.ToString().ToLowerInvariant());

    public string KindName(string kind) => Language.Pick(kind, kind switch
    {
        "verb" => "动词",
        "color" => "颜色",
        "shape" => "形状",
        "relation" => "关系",
        _ => "其他",
    });

    public string Lift => Language.Pick("words attend to their object", "词的注意力落在它所指的物体上");

    public string LiftFigures(double lift, string kind, string layer, double pointing) => Language.Format(
        $"at best {lift:0.0}× chance ({kind} words, {layer}), pointing {100 * pointing:0} %",
        $"最好为随机的 {lift:0.0} 倍（{kind}词，{layer}），指向率 {100 * pointing:0} %");

    public string Knockout => Language.Pick("edges from words to their object", "词到所指物体的连边");

    public string NoDirectEdges => Language.Pick("words do not attend to patches directly: nothing to knock out", "词不直接关注 patch：没有可切断的连边");

    public string KnockoutFigures(double effect, double random, (double Lower, double Upper) more, double mass, double reached,
        int scenes) =>
        Language.Format(
            $"knocked out they change the action by {effect:0.000} σ, random edges of equal mass by {random:0.000} σ; difference 95 % [{more.Lower:0.000}, {more.Upper:0.000}] (mass {mass:0.00} and {reached:0.00}, {scenes} scenes)",
            $"切断后动作改变 {effect:0.000} σ，切断等质量的随机连边改变 {random:0.000} σ；差值 95 % [{more.Lower:0.000}, {more.Upper:0.000}]（质量 {mass:0.00} 与 {reached:0.00}，{scenes} 个场景）");

    public string Nuisance => Language.Pick("patches that matter show what the task is about (NMR@10)", "重要的 patch 与任务有关（NMR@10）");

    public string NuisanceFigures(double share, double lower, double upper) => Language.Format(
        $"{100 * share:0} % [{100 * lower:0}, {100 * upper:0}] of the tenth of patches that change the action most show neither target nor hand",
        $"对动作影响最大的十分之一 patch 中，{100 * share:0} % [{100 * lower:0}, {100 * upper:0}] 既没有目标也没有夹爪");

    public string PaddingEffect => Language.Pick("padding changes nothing", "填充不改变结果");

    public string PaddingEffectFigures(double padded) => Language.Format(
        $"at most {padded:0.000000} σ of an action beside a longer instruction", $"与更长的指令并列时动作最多改变 {padded:0.000000} σ");

    public string PaddingMass => Language.Pick("padding gets no attention", "填充得不到注意力");

    public string PaddingMassFigures(double mass, string layer) => Language.Format(
        $"at most {mass:0.000000} of a weight on padded words{(layer.Length == 0 ? "" : $" ({layer})")}",
        $"填充词最多得到 {mass:0.000000} 的权重{(layer.Length == 0 ? "" : $"（{layer}）")}");

    public string Alignment => Language.Pick("visual tokens lie where maps say", "视觉词元的位置与图一致");

    public string AlignmentFigures(int right, int count) => Language.Pick(
        $"of {count} patches changed one at a time, {right} change their own token or a neighbour most",
        $"逐个改变 {count} 个 patch，其中 {right} 个对自己或相邻的词元影响最大");
}
