using CrossModal.Cli.Texts;
using CrossModal.Experiments.Plans;

namespace CrossModal.Publish.Questions;

/// <summary>What the rows of answers are called, by the keys that their files store.</summary>
internal static class AnswerNames
{
    /// <summary>Before the name of a policy whose weights are as they were drawn.</summary>
    public const string Untrained = "untrained:";

    /// <summary>Before the name of a row of the main table.</summary>
    public const string Row = "row:";

    private static readonly Dictionary<string, (string English, string Chinese)> Names = new()
    {
        ["retrieval-before"] = ("retrieval before fusion", "融合前的检索"),
        ["cka-before"] = ("kernel alignment before fusion", "融合前的 CKA"),
        ["retrieval-after"] = ("retrieval after fusion", "融合后的检索"),
        ["cka-after"] = ("kernel alignment after fusion", "融合后的 CKA"),
        ["best-lift"] = ("lift of the best layer", "最佳层的提升度"),
        ["all-projected"] = ("all tokens, as the layer is written", "全部 token，按层的写法"),
        ["all-absorbed"] = ("all tokens, projections absorbed", "全部 token，吸收投影"),
        ["quarter-pooled"] = ("a quarter, average pooling", "四分之一，平均池化"),
        ["quarter-convolved"] = ("a quarter, strided convolution", "四分之一，跨步卷积"),
        ["quarter-learned"] = ("a quarter, learned sums", "四分之一，学得的加权和"),
        ["quarter-merged"] = ("a quarter, merged by likeness", "四分之一，按相似合并"),
        ["resampled-32"] = ("32, resampled by latents", "32 个，由潜变量重采样"),
        ["topk-16"] = ("16 best keys of each word", "每个词分数最高的 16 个键"),
        ["quarter-pruned"] = ("a quarter kept by attention", "按注意力留下四分之一"),
        ["linear"] = ("linear attention", "线性注意力"),
        ["perceiver-32"] = ("Perceiver, 32 latents", "Perceiver，32 个潜变量"),
        [ComparedPolicy.AllTasks] = ("mean over tasks", "各任务平均"),
        ["grounded"] = ("grounded", "有根据的策略"),
        ["no-words"] = ("trained without words", "训练时没有指令"),
        ["shuffled-words"] = ("words shuffled in training", "训练时指令被打乱"),
        ["constant-picture"] = ("picture constant", "画面恒定"),
        ["tied-heads"] = ("heads tied", "注意力头被绑定"),
        ["padded"] = ("padding attended", "关注了填充"),
    };

    /// <summary>The name of a key in a language; what is no key stays as it is.</summary>
    public static string Of(string key, ToolLanguage language) =>
        key.StartsWith(Untrained, StringComparison.Ordinal)
            ? language.Pick($"{key[Untrained.Length..]}, untrained", $"{key[Untrained.Length..]}，未训练")
            : key.StartsWith(Row, StringComparison.Ordinal)
            ? new RowTexts(language).Strategy(key[Row.Length..], ComparisonVariants.Find(key[Row.Length..]).Label)
            : Names.TryGetValue(key, out var name) ? language.Pick(name.English, name.Chinese) : key;
}
