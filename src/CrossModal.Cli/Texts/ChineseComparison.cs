using CrossModal.Fusion;

namespace CrossModal.Cli.Texts;

/// <summary>Chinese names of what a comparison is made of, by the keys that plans and results store.</summary>
internal static class ChineseComparison
{
    private static readonly Dictionary<string, string> Rows = new()
    {
        ["concat-pooled"] = "拼接，均值池化",
        ["concat-side-by-side"] = "拼接，并排后池化",
        ["concat-flattened"] = "拼接，展平",
        ["concat-tokens"] = "拼接，token 级",
        ["cross-attention"] = "交叉注意力",
        ["cross-attention-1"] = "交叉注意力，1 层",
        ["cross-attention-2"] = "交叉注意力，2 层",
        ["cross-attention-4"] = "交叉注意力，4 层",
        ["cross-attention-post-norm"] = "交叉注意力，后置归一化",
        ["cross-attention-words-apart"] = "交叉注意力，词之间无自注意力",
        ["cross-attention-single"] = "单个交叉注意力，无前馈",
        ["cross-attention-reversed"] = "交叉注意力，视觉关注语言",
        ["co-attention"] = "协同注意力",
        ["co-attention-1"] = "协同注意力，1 层",
        ["co-attention-4"] = "协同注意力，4 层",
        ["perceiver"] = "Perceiver",
        ["perceiver-8"] = "Perceiver，8 个潜变量",
        ["perceiver-32"] = "Perceiver，32 个潜变量",
        ["perceiver-from-words"] = "Perceiver，从单词出发",
        ["perceiver-io"] = "Perceiver IO",
        ["flamingo"] = "Flamingo",
        ["gated-cross-attention"] = "每层带门的交叉注意力",
        ["joint-attention"] = "双塔联合注意力（π0）",
        ["interleaved"] = "交叉与自注意力交替，4 层（SmolVLA）",
        ["film-blocks"] = "FiLM，卷积",
        ["adaln-zero"] = "adaLN-zero",
        ["lava"] = "LAVA",
        ["concat-fusion"] = "均值，拼接后投影",
        ["attention-fusion"] = "均值，按注意力加权",
        ["deepset-fusion"] = "均值，作为集合",
        ["multi-view-mean"] = "两个视角，取平均",
        ["multi-view-separate"] = "两个视角，取平均，各有权重",
        ["multi-view-learned"] = "两个视角，学得的加权",
        ["multi-view-joint"] = "两个视角，合在一起",
        ["downsample-pool"] = "四分之一 token，平均池化",
        ["downsample-conv"] = "四分之一 token，跨步卷积",
        ["clip"] = "CLIP",
        ["late-interaction"] = "token 级后期交互（FILIP）",
        ["albef"] = "ALBEF",
        ["blip"] = "BLIP",
        ["q-former"] = "Q-Former",
        ["vilt"] = "ViLT",
        ["lxmert"] = "LXMERT",
        ["vilbert"] = "ViLBERT",
        ["textbook-block"] = "教科书的块，逐字照做",
        ["textbook-network"] = "教科书的网络，逐字照做",
        ["textbook-co-attention"] = "教科书的协同注意力，逐字照做",
        ["textbook-perceiver"] = "教科书的 Perceiver，逐字照做",
        ["teacher"] = "教师模型",
        ["student"] = "学生模型：1 层，16 个视觉 token",
        ["student-taught"] = "学生模型：1 层，16 个视觉 token，有教师",
    };

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["none"] = "无",
        ["full"] = "完整注意力",
        ["linear"] = "linear（线性）",
        ["qknorm"] = "qknorm（归一化）",
        ["inverted"] = "inverted（查询竞争）",
        ["rotary"] = "rotary（旋转位置）",
        ["both"] = "双向",
        ["language to vision"] = "语言关注视觉",
        ["vision to language"] = "视觉关注语言",
        ["before and within"] = "融合前和融合中",
        ["before"] = "融合前",
        ["within"] = "融合中",
        ["never"] = "从不",
        ["words and picture"] = "文字和图像",
        ["no words"] = "无文字",
        ["no picture"] = "无图像",
        ["whole recipe"] = "完整方案",
        ["without a second point"] = "去掉第二个点",
        ["without cues of patches"] = "去掉 patch 的辅助输出",
        ["without partial names"] = "去掉部分名称",
        ["without unnamed colours"] = "去掉无名颜色",
        ["without shape lessons"] = "去掉形状样本",
        ["means"] = "均值",
        ["tokens, pooled"] = "token，池化",
        ["tokens, flattened"] = "token，展平",
        ["tokens, self-attention"] = "token，自注意力",
        ["as in the table"] = "同主表",
        ["one round"] = "一轮",
        ["four rounds"] = "四轮",
        ["32 latents"] = "32 个潜变量",
        ["twice as wide"] = "潜变量宽一倍",
        ["larger first latents"] = "潜变量的初值较大",
        ["started from the words"] = "从单词出发",
        ["words before vision"] = "先单词，后视觉",
        ["read by the mean word"] = "由单词均值读出",
        ["read by the words"] = "由各单词读出",
        ["started from and read by the words"] = "从单词出发，由各单词读出",
        ["latents, closed gates"] = "潜变量，门初始关闭",
        ["latents, half-open gates"] = "潜变量，门初始半开",
        ["latents, closed gates, longer warm-up"] = "潜变量，门初始关闭，更长的预热",
        ["patches, closed gates"] = "patch，门初始关闭",
        ["patches, half-open gates"] = "patch，门初始半开",
        ["none of them"] = "都不加",
        ["rotary positions"] = "旋转位置",
        ["2 of 4 heads of keys"] = "4 个头共用 2 个键头",
        ["1 of 4 heads of keys"] = "4 个头共用 1 个键头",
        ["four registers"] = "四个寄存器 token",
        ["state as a token"] = "状态作为 token",
        ["two past frames"] = "两张过去的图像",
        ["nothing"] = "什么都不学",
        ["actions"] = "动作",
        ["features"] = "特征",
        ["attention weights"] = "注意力权重",
        ["all three"] = "三者都学",
    };

    private static readonly Dictionary<string, string> Splits = new()
    {
        ["train"] = "训练布局",
        ["val"] = "用来选方案的新布局",
        ["S0"] = "新布局，颜色–形状组合都训练过",
        ["Z1"] = "目标的颜色–形状组合从未训练过",
        ["Z2a"] = "用学过的单词组成的新句子",
        ["Z2b"] = "用没有学过的词来称呼物体",
        ["Z3"] = "6 到 8 个物体",
        ["Z4"] = "目标放在训练时没有放过物体的地方",
        ["Z5"] = "该任务训练时从未要过的目标",
    };

    private static readonly Dictionary<string, string> Ablations = new()
    {
        ["heads"] = "头数：1、2、4、8、16",
        ["depth"] = "层数：1、2、4、6",
        ["visual-tokens"] = "64 个视觉 token，以及用平均池化或学得的下采样得到的 16 个或 4 个",
        ["token-reduction"] = "64 个视觉 token，以及用各种方法缩减到的 16 个",
        ["attention"] = "单词用完整注意力和各种变体注意视觉",
        ["positions"] = "视觉 token 的位置编码：行与列、一个编号、没有",
        ["direction"] = "单词注意视觉、视觉注意单词、双向",
        ["word-self-attention"] = "单词互相注意：融合前、融合中、两处都有、从不",
        ["senses"] = "训练时文字和图像都给、不给文字、不给图像",
        ["learning-rate"] = "教科书的各行，用通常的学习率和两倍的学习率，训练与测试同各策略",
        ["longer"] = "各 Perceiver，用全部预算和两倍预算，训练与测试同各策略",
        ["readings"] = "教科书的拼接的几种读法，训练与测试同各策略",
        ["latents"] = "潜变量为何学得慢：8 个潜变量的 Perceiver，每次改一项",
        ["latents-whole"] = "Perceiver，同主表，以及先用单词再看图像，训练与测试同各策略",
        ["gates"] = "带门的潜变量为何学不会：Flamingo，改门、预热和潜变量",
        ["options"] = "已发表的策略所加的：旋转位置、共用键头、寄存器 token、状态作为 token",
        ["chosen"] = "每一行：照常、采用它在验证布局上选出的项、以及再加三倍步数",
        ["choice"] = "每一行都可选择的项：三种学习率、更长的预热、半开的门、轮数、三倍步数",
        ["recipe"] = "逐个关掉方案中的每一项",
        ["recipe-whole"] = "同上，训练与测试同各策略",
        ["data"] = "成功率随样本数的变化，每个数各自训练一次",
        ["pretraining"] = "成功率随样本数的变化，先学和不先学图文说明",
        ["teaching"] = "小的学生模型向最好的策略学习的内容：无、动作、特征、注意力权重、全部",
    };

    /// <summary>A row of the table; null of a strategy that is not the library's.</summary>
    public static string? Row(string variant) => Rows.GetValueOrDefault(variant);

    /// <summary>A setting of an ablation that has a name of its own; null of a number.</summary>
    public static string? Setting(string setting) => Settings.GetValueOrDefault(setting);

    /// <summary>What is new in a split.</summary>
    public static string? Split(string name) => Splits.GetValueOrDefault(name);

    /// <summary>What an ablation changes.</summary>
    public static string? Ablation(string name) => Ablations.GetValueOrDefault(name);

    /// <summary>A way to make visual tokens fewer.</summary>
    public static string Of(TokenReduction method) => method switch
    {
        TokenReduction.Pool => "平均池化",
        TokenReduction.Conv => "学得的下采样",
        TokenReduction.Learner => "TokenLearner",
        TokenReduction.Merge => "按相似合并",
        _ => "由潜变量重采样",
    };
}
