namespace CrossModal.Cli.Texts;

/// <summary>Of every row of a comparison, in a line, what is the textbook's, what a paper's and what ours.</summary>
/// <param name="Language">The language.</param>
internal sealed record RowOrigins(ToolLanguage Language)
{
    private static readonly Dictionary<string, (string English, string Chinese)> Lines = new()
    {
        ["concat-pooled"] = ("textbook: the baseline's name and 68 %; ours: a mean of each modality, a feed-forward network",
            "教科书：基线的名称和 68 %；本项目：每种模态取均值，加前馈网络"),
        ["concat-side-by-side"] = ("textbook: cat(lang, vis, dim=1); ours: a mark of the modality, its mean",
            "教科书：在序列维上拼接；本项目：模态标记，对序列取均值"),
        ["concat-flattened"] = ("textbook: concatenation; ours: one vector of all tokens in their places, a feed-forward network",
            "教科书：拼接；本项目：全部 token 按位置展平成一个向量，加前馈网络"),
        ["concat-tokens"] = ("textbook: cat(lang, vis, dim=1); paper: ViLT's self-attention over the sequence; ours: sizes",
            "教科书：在序列维上拼接；论文：ViLT 在序列上的自注意力；本项目：尺寸"),
        ["cross-attention"] = ("textbook: words attend to vision in blocks; ours: one residual each, words attend to each other first",
            "教科书：单词在各块中注意视觉；本项目：各部分一个残差，单词先互相注意"),
        ["co-attention"] = ("textbook: both directions; paper: ViLBERT's layer; ours: sizes, normalised before each part",
            "教科书：双向；论文：ViLBERT 的层；本项目：尺寸，前置归一化"),
        ["perceiver"] = ("textbook: learned queries over both; paper: rounds with feed-forward networks; ours: two rounds",
            "教科书：学得的查询注意两种模态；论文：带前馈网络的多轮；本项目：2 轮，权重不共享"),
        ["textbook-block"] = ("textbook: its block to the letter; ours: masks", "教科书：逐字照做的块；本项目：掩码"),
        ["textbook-network"] = ("textbook: its network to the letter, four blocks; ours: masks", "教科书：逐字照做的网络，四个块；本项目：掩码"),
        ["textbook-co-attention"] = ("textbook: its class to the letter; ours: masks", "教科书：逐字照做的类；本项目：掩码"),
        ["textbook-perceiver"] = ("textbook: its class to the letter; ours: masks", "教科书：逐字照做的类；本项目：掩码"),
        ["multi-view-mean"] = ("textbook: each view by itself, averaged; ours: cross-attention in each", "教科书：各视角分别处理后取平均；本项目：各用交叉注意力"),
        ["multi-view-separate"] = ("textbook: each view by itself, averaged; ours: weights of its own for each",
            "教科书：各视角分别处理后取平均；本项目：各有权重"),
        ["multi-view-learned"] = ("textbook: each view by itself; ours: a learned weight of each", "教科书：各视角分别处理；本项目：学得的权重"),
        ["multi-view-joint"] = ("paper: π0's views in one sequence; ours: cross-attention to it", "论文：π0 把各视角接成一个序列；本项目：对它做交叉注意力"),
        ["cross-attention-post-norm"] = ("paper: normalised after each part, Vaswani 2017; ours: the rest as cross-attention",
            "论文：各部分之后归一化，Vaswani 2017；本项目：其余同交叉注意力"),
        ["cross-attention-words-apart"] = ("textbook: no attention between words; ours: the rest as cross-attention",
            "教科书：单词之间无注意力；本项目：其余同交叉注意力"),
        ["cross-attention-single"] = ("textbook: its CrossModalAttention, once; ours: masks", "教科书：它的 CrossModalAttention，一次；本项目：掩码"),
        ["cross-attention-reversed"] = ("textbook: its question of direction; ours: the layers", "教科书：关于方向的问题；本项目：各层"),
        ["perceiver-from-words"] = ("paper: Perceiver's rounds; ours: the mean word is added to the first latents",
            "论文：Perceiver 的多轮；本项目：在潜变量的初值上加单词均值"),
        ["perceiver-io"] = ("paper: one cross-attention, layers over latents, output queries; ours: words are the output queries",
            "论文：一次交叉注意力、潜变量上的层、输出查询；本项目：单词作输出查询"),
        ["flamingo"] = ("paper: resampler, gates from 0; ours: trained from scratch, no frozen language model",
            "论文：重采样器，门从 0 开始；本项目：从头训练，没有冻结的语言模型"),
        ["gated-cross-attention"] = ("paper: Flamingo's gated layer; ours: words attend to patches, without a resampler",
            "论文：Flamingo 的带门层；本项目：单词直接注意 patch，没有重采样器"),
        ["joint-attention"] = ("paper: π0's weights by modality, one attention; ours: words in the place of action tokens",
            "论文：π0 按模态分权重，共用一个注意力；本项目：单词代替动作 token"),
        ["interleaved"] = ("paper: SmolVLA's cross and self by turns; ours: words in the place of action tokens",
            "论文：SmolVLA 的交叉与自注意力交替；本项目：单词代替动作 token"),
        ["film-blocks"] = ("paper: FiLM's residual block, maximum over the picture; ours: layer for batch normalisation",
            "论文：FiLM 的残差块，对图像取最大值；本项目：用层归一化代替批归一化"),
        ["adaln-zero"] = ("paper: DiT's layer, modulated from 0; ours: the mean word is the condition", "论文：DiT 的层，从 0 开始调制；本项目：单词均值作条件"),
        ["lava"] = ("paper: the instruction as one query, layer by layer; ours: sizes", "论文：整条指令作为一个查询，逐层；本项目：尺寸"),
        ["concat-fusion"] = ("paper: torchmultimodal's module; ours: means before it", "论文：torchmultimodal 的模块；本项目：之前取均值"),
        ["attention-fusion"] = ("paper: torchmultimodal's module; ours: means before it", "论文：torchmultimodal 的模块；本项目：之前取均值"),
        ["deepset-fusion"] = ("paper: torchmultimodal's module; ours: means before it", "论文：torchmultimodal 的模块；本项目：之前取均值"),
        ["downsample-pool"] = ("textbook: fewer tokens by pooling; ours: on the grid", "教科书：用池化减少 token；本项目：在网格上"),
        ["downsample-conv"] = ("textbook: learned downsampling; ours: strided convolution on the grid", "教科书：学得的下采样；本项目：网格上的跨步卷积"),
        ["clip"] = ("paper: two towers that meet as two vectors; ours: their product goes on to the policy",
            "论文：双塔以两个向量相遇；本项目：乘积交给策略"),
        ["late-interaction"] = ("paper: FILIP's maximum over tokens; ours: by channel, and not summed to a score",
            "论文：FILIP 对 token 取最大值；本项目：逐通道，不求和成分数"),
        ["albef"] = ("paper: half of the text encoder attends to vision; ours: normalised before, all words are the result",
            "论文：文本编码器的后一半关注视觉；本项目：前置归一化，结果为全部单词"),
        ["blip"] = ("paper: text encoder with cross-attention, one token read; ours: normalised before",
            "论文：带交叉注意力的文本编码器，读一个 token；本项目：前置归一化"),
        ["q-former"] = ("paper: queries beside the words, vision in every second layer; ours: normalised before",
            "论文：查询与单词并列，隔层注意视觉；本项目：前置归一化"),
        ["vilt"] = ("paper: one stream, class token read; ours: sizes", "论文：单流，读类别 token；本项目：尺寸"),
        ["lxmert"] = ("paper: shared weights in both directions; ours: normalised before", "论文：双向共享权重；本项目：前置归一化"),
        ["vilbert"] = ("paper: co-attention and a layer of each stream; ours: normalised before", "论文：协同注意力加各流自己的层；本项目：前置归一化"),
    };

    public string Title => Language.Pick("What is whose", "各行的来源");

    public string Column => Language.Pick("The textbook's, the paper's, ours", "教科书的、论文的、本项目的");

    public string Yours => Language.Pick("a strategy of your own", "自己的策略");

    public string Note => Language.Pick(
        "Of every row, what the textbook or a paper says and what had to be decided here. All share the policy around them.",
        "每一行中，哪些来自教科书或论文，哪些由本项目决定。其余部分各行相同。");

    /// <summary>The line of a row; rows of a strategy that differ in a size alone share one.</summary>
    /// <param name="variant">Its short name.</param>
    /// <param name="strategy">The name of its strategy.</param>
    public string Of(string variant, string strategy) =>
        (Lines.TryGetValue(variant, out var line) || Lines.TryGetValue(strategy, out line)) ? Language.Pick(line.English, line.Chinese)
            : Yours;

    /// <summary>Whether a row of the library has its line.</summary>
    internal static bool Has(string variant, string strategy) => Lines.ContainsKey(variant) || Lines.ContainsKey(strategy);
}
