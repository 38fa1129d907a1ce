using System.Text.RegularExpressions;

namespace CrossModal.Publish.Pages;

/// <summary>What tables and drawings say in words, in Chinese; the names of strategies and commands that are typed stay as they
/// are.</summary>
internal static partial class ChineseNames
{
    private static readonly string[] Between = [" – ", " − "];

    private static readonly Dictionary<string, string> Names = new()
    {
        ["learned"] = "学习得到",
        ["stem"] = "小卷积网络",
        ["yes"] = "是",
        ["no"] = "否",
        ["none"] = "无",
        ["both"] = "双向",
        ["base"] = "基准",
        ["poor"] = "差",
        ["medium"] = "中等",
        ["good"] = "良好",
        ["excellent"] = "优秀",

        ["Concatenation, mean-pooled"] = "拼接，均值池化",
        ["Concatenation of tokens"] = "拼接，token 级",
        ["The textbook's block, to the letter"] = "教科书的块，逐字照做",
        ["The textbook's network, to the letter"] = "教科书的网络，逐字照做",
        ["Two views, averaged"] = "两个视角，取平均",
        ["Two views, jointly"] = "两个视角，合在一起",

        ["Cross-Attention, normalised after"] = "交叉注意力，后置归一化",
        ["Cross-Attention, words apart"] = "交叉注意力，词之间无自注意力",
        ["One cross-attention, no feed-forward"] = "单个交叉注意力，无前馈",
        ["Cross-Attention, vision to language"] = "交叉注意力，视觉关注语言",
        ["Means, joined and projected"] = "均值，拼接后投影",
        ["Means, weighed by attention"] = "均值，按注意力加权",
        ["Means, as a set"] = "均值，作为集合",
        ["Two views, averaged, weights apart"] = "两个视角，取平均，各有权重",
        ["Two views, weighed by learning"] = "两个视角，学得的加权",
        ["A quarter of the tokens, pooled"] = "四分之一 token，平均池化",
        ["A quarter of the tokens, convolved"] = "四分之一 token，跨步卷积",
        ["The textbook's co-attention, to the letter"] = "教科书的协同注意力，逐字照做",
        ["The textbook's Perceiver, to the letter"] = "教科书的 Perceiver，逐字照做",

        ["The teacher"] = "教师模型",
        ["Student: 1 layer, 16 visual tokens"] = "学生模型：1 层，16 个视觉 token",
        ["Student: 1 layer, 16 visual tokens, taught"] = "学生模型：1 层，16 个视觉 token，有教师",
        ["whole recipe"] = "完整方案",
        ["without a second point"] = "去掉第二个点",
        ["without cues of patches"] = "去掉 patch 的辅助输出",
        ["without partial names"] = "去掉部分名称",
        ["without unnamed colours"] = "去掉无名颜色",
        ["without shape lessons"] = "去掉形状样本",
        ["words and picture"] = "文字和图像",
        ["no words"] = "无文字",
        ["no picture"] = "无图像",
        ["language to vision"] = "语言关注视觉",
        ["vision to language"] = "视觉关注语言",
        ["before and within"] = "融合前和融合中",
        ["before"] = "融合前",
        ["within"] = "融合中",
        ["never"] = "从不",
        ["nothing"] = "什么都不学",
        ["actions"] = "动作",
        ["features"] = "特征",
        ["where words look"] = "注意力权重",
        ["all three"] = "三者都学",
        ["16 learner"] = "16，TokenLearner",
        ["16 merge"] = "16，按相似合并",
        ["16 resampler"] = "16，由潜变量重采样",
        ["full"] = "完整注意力",
        ["linear"] = "linear（线性）",
        ["qknorm"] = "qknorm（归一化）",
        ["inverted"] = "inverted（查询竞争）",

        ["retrieval before fusion"] = "融合前的检索",
        ["kernel alignment before fusion"] = "融合前的 CKA",
        ["retrieval after fusion"] = "融合后的检索",
        ["kernel alignment after fusion"] = "融合后的 CKA",
        ["lift of the best layer"] = "最佳层的提升",
        ["all tokens, as the layer is written"] = "全部 token，按层的写法",
        ["all tokens, projections absorbed"] = "全部 token，吸收投影",
        ["a quarter, average pooling"] = "四分之一，平均池化",
        ["a quarter, strided convolution"] = "四分之一，跨步卷积",
        ["a quarter, learned sums"] = "四分之一，学得的加权和",
        ["a quarter, merged by likeness"] = "四分之一，按相似合并",
        ["32, resampled by latents"] = "32 个，由潜变量重采样",
        ["16 best keys of each word"] = "每个词分数最高的 16 个键",
        ["a quarter kept by attention"] = "按注意力留下四分之一",
        ["linear attention"] = "线性注意力",

        ["New layouts (S0)"] = "新布局 (S0)",
        ["Unseen colour–shape pairs (Z1)"] = "未见的颜色–形状组合 (Z1)",
        ["measured, 95 % interval over training runs (small marks) and episodes"] = "实测，跨训练（小竖线）与回合的 95 % 区间",
        ["measured, 95 % interval over runs (small marks) and episodes; of one run over episodes"] = "实测，跨训练（小竖线）与回合的 95 % 区间；只训练一次的仅跨回合",
        ["measured, 95 % interval over the episodes of one training run"] = "实测，单次训练的 95 % 区间，仅跨回合",
        ["one run: interval over episodes alone"] = "只训练一次：区间仅跨回合",
        ["1 (no interval over runs)"] = "1（无跨训练的区间）",
        ["no interval over runs"] = "无跨训练的区间",
        ["one run"] = "只训练一次",
        ["measured"] = "实测",
        ["textbook"] = "教科书",
        ["not run"] = "未运行",
        ["diverged"] = "发散",
        ["not judged"] = "未评判",
        ["touches nothing"] = "什么都没碰",
        ["no point that early"] = "那时还没有数据点",
        ["chance"] = "随机水平",
        ["as asked"] = "按要求",
        ["another's words"] = "另一回合的指令",
        ["another goal"] = "另一个目标",
        ["does something else when told something else"] = "换指令后做法不同",
        ["and succeeds at it"] = "并且成功",
        ["points at the right object"] = "指向正确的物体",
        ["touches it first"] = "最先碰到它",
        ["success"] = "成功率",
        ["out of time"] = "超时",
        ["moved another object"] = "碰动别的物体",
        ["lifted the wrong object"] = "拿起错误的物体",
        ["difference, percentage points"] = "差值，百分点",
        ["equal"] = "相等",
        ["told apart"] = "可以区分",
        ["not told apart"] = "不能区分",
        ["success on new layouts (S0)"] = "新布局上的成功率 (S0)",
        ["success on validation layouts"] = "验证布局上的成功率",
        ["samples seen in training"] = "训练中见过的样本数",
        ["samples of the whole training"] = "整个训练的样本数",
        ["seconds of training on one thread"] = "单线程训练秒数",
        ["one training, on its way"] = "一次训练的途中",
        ["trainings of their own, each at its end"] = "各自独立的训练，取终点",
        ["after equal samples"] = "样本数相同",
        ["seconds of the whole training"] = "整个训练的秒数",
        ["milliseconds per control step, one thread"] = "每个控制步的毫秒数，单线程",
        ["million floating-point operations per control step"] = "每个控制步的百万次浮点运算",
        ["parameters of the policy"] = "策略的参数量",
        ["alone"] = "直接训练",
        ["after captions"] = "先学图文说明",
        ["verbs, at the target"] = "动词，目标物体",
        ["colours, at what they name"] = "颜色词，所指物体",
        ["shapes, at what they name"] = "形状词，所指物体",
        ["lift, ×"] = "提升度，×",
    };

    // {name} is what the group of that name matched, in Chinese.
    private static readonly (Regex Pattern, string Chinese)[] Patterns =
    [
        (Layers("Cross"), "交叉注意力，$1 层"),
        (Layers("Co"), "协同注意力，$1 层"),
        (Latents(), "Perceiver，$1 个潜变量"),
        (Range(), "$1 至 $2"),
        (OutOf(), "$2 次中 $1"),
        (Beside(), "$1（基准）"),
        (WholeBudget(), "$1（全部预算）"),
        (Alone(), "$1，直接训练"),
        (AfterCaptions(), "$1，先学图文说明"),
        (Pooled(), "$1，平均池化"),
        (Learned(), "$1，学得的下采样"),
        (Untrained(), "$1，未训练"),
        (EqualTime(), "训练时间相同（$1 秒）"),
        (LayerOfView(), "{name}，第 $1 层，视角 $2"),
        (Layer(), "{name}，第 $1 层"),
        (AfterSteps(), "{name}，$1 步"),
        (AtRate(), "{name}，$1"),
    ];

    /// <summary>A cell of a table in Chinese; one that has no words of ours stays as it is.</summary>
    public static string Of(string cell)
    {
        if (cell.StartsWith("**", StringComparison.Ordinal) && cell.EndsWith("**", StringComparison.Ordinal) && cell.Length > 4)
            return $"**{Of(cell[2..^2])}**";
        if (Names.TryGetValue(cell, out var name)) return name;
        if (Between.FirstOrDefault(sign => cell.Contains(sign, StringComparison.Ordinal)) is { } between)
            return string.Join(between, cell.Split(between).Select(Of));
        foreach (var (pattern, chinese) in Patterns)
            if (pattern.Match(cell) is { Success: true } match)
                return match.Result(chinese.Replace("{name}", Of(match.Groups["name"].Value), StringComparison.Ordinal));
        return cell;
    }

    [GeneratedRegex(@"^(?<name>.+), layer (\d+), view (\d+)$")]
    private static partial Regex LayerOfView();

    [GeneratedRegex(@"^(?<name>.+), layer (\d+)$")]
    private static partial Regex Layer();

    [GeneratedRegex(@"^(?<name>.+), (\d+) steps$")]
    private static partial Regex AfterSteps();

    [GeneratedRegex(@"^(?<name>.+), (0\.\d+)$")]
    private static partial Regex AtRate();

    private static Regex Layers(string kind) => new($"^{kind}-Attention, (\\d+) layers?$");

    [GeneratedRegex(@"^Perceiver, (\d+) latents$")]
    private static partial Regex Latents();

    [GeneratedRegex(@"^([+−±][\d.]+)\u00a0to\u00a0([+−±][\d.]+)$")]
    private static partial Regex Range();

    [GeneratedRegex(@"^(.+) of (\d+)$")]
    private static partial Regex OutOf();

    [GeneratedRegex(@"^(.+) \(base\)$")]
    private static partial Regex Beside();

    [GeneratedRegex(@"^(.+) \(whole budget\)$")]
    private static partial Regex WholeBudget();

    [GeneratedRegex(@"^(.+ %) alone$")]
    private static partial Regex Alone();

    [GeneratedRegex(@"^(.+ %) after captions$")]
    private static partial Regex AfterCaptions();

    [GeneratedRegex(@"^(\d+) (?:pooled|pool)$")]
    private static partial Regex Pooled();

    [GeneratedRegex(@"^(\d+) (?:learned|conv)$")]
    private static partial Regex Learned();

    [GeneratedRegex(@"^after equal time \((\d+) s\)$")]
    private static partial Regex EqualTime();

    [GeneratedRegex(@"^(.+), untrained$")]
    private static partial Regex Untrained();
}
