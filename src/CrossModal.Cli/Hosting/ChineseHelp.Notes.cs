using CrossModal.Cli.Texts;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Hosting;

/// <summary>The lists below a command's options.</summary>
internal static partial class ChineseHelp
{
    private static readonly Dictionary<string, string> Strategies = new()
    {
        ["concat-pooled"] = "单词均值与视觉 token 均值并排",
        ["concat-side-by-side"] = "单词与视觉 token 接成一个序列，之后什么都没有",
        ["concat-flattened"] = "全部单词与视觉 token 按各自的位置展平成一个向量，送入前馈网络",
        ["concat-tokens"] = "单词与视觉 token 接成一个序列，经过 Transformer 层",
        ["cross-attention"] = "单词先互相注意，再注意视觉 token",
        ["cross-attention-post-norm"] = "同上，每一部分之后归一化",
        ["cross-attention-words-apart"] = "同上，单词之间没有注意力",
        ["cross-attention-single"] = "一个注意力，带残差与归一化，没有前馈网络",
        ["cross-attention-reversed"] = "视觉 token 注意单词",
        ["co-attention"] = "单词与视觉 token 互相注意",
        ["perceiver"] = "学得的潜变量分几轮注意单词与视觉 token",
        ["perceiver-from-words"] = "从单词均值出发的潜变量分几轮注意单词与视觉 token",
        ["perceiver-io"] = "学得的潜变量注意单词与视觉 token，单词再注意潜变量",
        ["flamingo"] = "每个相机几个潜变量，单词经由初始关闭的门注意它们",
        ["gated-cross-attention"] = "每层之前，单词经由初始关闭的门注意视觉 token",
        ["joint-attention"] = "π0：单词与视觉 token 各有权重，共用一个注意力",
        ["interleaved"] = "SmolVLA 的专家：一层注意视觉 token，下一层单词互相注意",
        ["film-blocks"] = "FiLM：指令缩放并平移特征图的通道；没有注意力",
        ["adaln-zero"] = "DiT：视觉 token 互相注意，各层由单词均值缩放、平移、开门",
        ["lava"] = "整条指令作为一个向量，逐层注意视觉 token",
        ["concat-fusion"] = "单词均值与视觉 token 均值并排，再过一个线性层",
        ["attention-fusion"] = "单词均值与视觉 token 均值，互相加权",
        ["deepset-fusion"] = "单词均值与视觉 token 均值，作为集合",
        ["multi-view-mean"] = "各相机分别处理，结果取平均",
        ["multi-view-separate"] = "同上，各相机各有权重",
        ["multi-view-learned"] = "各相机分别处理，按学得的分数加权",
        ["multi-view-joint"] = "所有相机一起处理，各带标记",
        ["downsample-pool"] = "用平均池化留下四分之一视觉 token，再做交叉注意力",
        ["downsample-conv"] = "用跨步卷积留下四分之一视觉 token，再做交叉注意力",
        ["clip"] = "CLIP：双塔，只在两个嵌入处相遇；没有单词注意 patch",
        ["late-interaction"] = "FILIP：双塔，每个单词取与各视觉 token 的最大吻合",
        ["albef"] = "ALBEF：双塔之后，单词逐层关注视觉 token",
        ["blip"] = "BLIP：文本编码器逐层注意视觉 token，取一个 token 的结果",
        ["q-former"] = "BLIP-2 的 Q-Former：查询注意单词，再从视觉 token 取信息",
        ["vilt"] = "ViLT：单词与视觉 token 同在一条流中，取类别 token 的结果",
        ["lxmert"] = "LXMERT：双向注意共享权重，然后各自自注意",
        ["vilbert"] = "ViLBERT：若干轮协同注意力，每条流另有自己的层",
        ["textbook-network"] = "教科书的网络，逐字照做",
        ["textbook-co-attention"] = "教科书的协同注意力，逐字照做",
        ["textbook-perceiver"] = "教科书的 Perceiver，逐字照做",
    };

    /// <summary>Lines below a command's options in Chinese.</summary>
    /// <param name="word">The command.</param>
    /// <param name="notes">The lines in English, for a command that has lines of its own.</param>
    public static IEnumerable<string> Notes(string word, IEnumerable<string> notes) => word switch
    {
        "train" or "fuse" => FusionStrategies.All.Select(s => $"  {s.Name,-28} {OfStrategy(s.Name) ?? s.Summary}").Prepend("策略："),
        "evaluate" => Split.All.Select(s => $"  {s.Name,-6} {ChineseComparison.Split(s.Name) ?? s.Description}").Prepend("划分："),
        "compare" =>
        [
            "各行：", .. ComparisonVariants.Table.Select(v => $"  {v.Name,-28} {ChineseComparison.Row(v.Name) ?? v.Label}"),
            "加 --further 或 --full 时还有：",
            .. ComparisonVariants.Further.Select(v => $"  {v.Name,-28} {ChineseComparison.Row(v.Name) ?? v.Label}"),
            "消融：",
            .. ComparisonGroups.Ablations.Select(name =>
                $"  {name,-28} {ChineseComparison.Ablation(name) ?? ComparisonGroups.Summary(name)}"),
        ],
        "data" =>
        [
            "可读取：", "  自己的文件夹（episode_000/）", "  LeRobot（meta/info.json）", "  RLDS（*.tfrecord-*）",
            "  robomimic、LIBERO、ALOHA 的 HDF5（*.hdf5、*.h5）",
        ],
        _ => notes,
    };

    /// <summary>What a strategy does; null of one that is not the library's.</summary>
    internal static string? OfStrategy(string name) => Strategies.GetValueOrDefault(name);
}
