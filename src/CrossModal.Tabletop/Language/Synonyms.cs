namespace CrossModal.Tabletop.Language;

/// <summary>Other words for colours and shapes, none of which training ever says: a tokenizer of training's words does not know
/// them.</summary>
internal static class Synonyms
{
    private static readonly Dictionary<string, string> ByWord = new()
    {
        ["red"] = "crimson",
        ["green"] = "emerald",
        ["blue"] = "azure",
        ["yellow"] = "golden",
        ["purple"] = "violet",
        ["orange"] = "amber",
        ["cup"] = "mug",
        ["cube"] = "block",
        ["cylinder"] = "can",
        ["ball"] = "sphere",
        ["star"] = "pentagram",
        ["plate"] = "saucer",
        ["红色"] = "朱红",
        ["绿色"] = "翠绿",
        ["蓝色"] = "湛蓝",
        ["黄色"] = "金黄",
        ["紫色"] = "绛紫",
        ["橙色"] = "橘黄",
        ["杯子"] = "茶杯",
        ["方块"] = "立方体",
        ["圆柱"] = "圆筒",
        ["球"] = "珠子",
        ["星星"] = "五角星",
        ["盘子"] = "碟子",
    };

    private static readonly Dictionary<string, string> Meanings = ByWord.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The other words.</summary>
    public static IReadOnlyCollection<string> Words => Meanings.Keys;

    /// <summary>The other word for a colour or shape; any other word itself.</summary>
    public static string Of(string word) => ByWord.GetValueOrDefault(word, word);

    /// <summary>What one of the other words means; any other word itself.</summary>
    public static string Meaning(string word) => Meanings.GetValueOrDefault(word, word);
}
