using System.Text.RegularExpressions;

namespace CrossModal.Cli.Findings;

/// <summary>What tables say in words, in Chinese; the names of strategies and commands that are typed stay as they are.</summary>
internal static partial class ChineseNames
{
    private const string Between = " – ";

    private static readonly Dictionary<string, string> Names = new()
    {
        ["yes"] = "是", ["no"] = "否", ["none"] = "无", ["both"] = "双向",
        ["base"] = "基准", ["poor"] = "差", ["medium"] = "中等", ["good"] = "良好", ["excellent"] = "优秀",

        ["Concatenation, mean-pooled"] = "拼接，均值池化",
        ["Concatenation of tokens"] = "拼接，词元级",
        ["The textbook's block, to the letter"] = "教科书的块，逐字照做",
        ["The textbook's network, to the letter"] = "教科书的网络，逐字照做",
        ["Two views, averaged"] = "两个视角，取平均",
        ["Two views, jointly"] = "两个视角，合在一起",

        ["The teacher"] = "老师",
        ["Student: 1 layer, 16 visual tokens"] = "学生：1 层，16 个视觉词元",
        ["Student: 1 layer, 16 visual tokens, taught"] = "学生：1 层，16 个视觉词元，有老师",
        ["whole recipe"] = "完整方案",
        ["without a second point"] = "去掉第二个点",
        ["without cues of patches"] = "去掉图块自述",
        ["without partial names"] = "去掉部分名称",
        ["without unnamed colours"] = "去掉无名颜色",
        ["without shape lessons"] = "去掉形状课",
        ["words and picture"] = "文字和图像",
        ["no words"] = "无文字",
        ["no picture"] = "无图像",
        ["language to vision"] = "语言看视觉",
        ["vision to language"] = "视觉看语言",
        ["before and within"] = "融合前和融合中",
        ["before"] = "融合前",
        ["within"] = "融合中",
        ["never"] = "从不",
        ["16 learner"] = "16，TokenLearner",
        ["16 merge"] = "16，按相似合并",
        ["16 resampler"] = "16，由潜变量重采样",
        ["full"] = "完整注意力",

        ["retrieval before fusion"] = "融合前的检索",
        ["kernel alignment before fusion"] = "融合前的 CKA",
        ["retrieval after fusion"] = "融合后的检索",
        ["kernel alignment after fusion"] = "融合后的 CKA",
        ["lift of the best layer"] = "最佳层的提升",
        ["all tokens, as the layer is written"] = "全部词元，按层的写法",
        ["all tokens, projections absorbed"] = "全部词元，吸收投影",
        ["a quarter, average pooling"] = "四分之一，平均池化",
        ["a quarter, strided convolution"] = "四分之一，跨步卷积",
        ["a quarter, learned sums"] = "四分之一，学得的加权和",
        ["a quarter, merged by likeness"] = "四分之一，按相似合并",
        ["32, resampled by latents"] = "32 个，由潜变量重采样",
        ["16 best keys of each word"] = "每个单词最好的 16 个键",
        ["a quarter kept by attention"] = "按注意力留下四分之一",
        ["linear attention"] = "线性注意力",
    };

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
    ];

    /// <summary>A cell of a table in Chinese; one that has no words of ours stays as it is.</summary>
    public static string Of(string cell)
    {
        if (cell.StartsWith("**", StringComparison.Ordinal) && cell.EndsWith("**", StringComparison.Ordinal) && cell.Length > 4) return $"**{Of(cell[2..^2])}**";
        if (Names.TryGetValue(cell, out var name)) return name;
        if (cell.Contains(Between, StringComparison.Ordinal)) return string.Join(Between, cell.Split(Between).Select(Of));
        foreach (var (pattern, chinese) in Patterns)
            if (pattern.IsMatch(cell)) return pattern.Replace(cell, chinese);
        return cell;
    }

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

    [GeneratedRegex(@"^(.+), untrained$")]
    private static partial Regex Untrained();
}
