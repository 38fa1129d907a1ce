using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>What can be chosen about multi-head attention.</summary>
/// <param name="Width">Width d of queries and result.</param>
/// <param name="Heads">Number of heads H; divides the width, unless a head width is given.</param>
public sealed record AttentionOptions(int Width, int Heads)
{
    /// <summary>Widths that differ from the usual ones.</summary>
    internal AttentionWidths Widths { get; init; } = new();

    /// <summary>Which projections have a bias.</summary>
    internal AttentionBiases Biases { get; init; } = AttentionBiases.All;

    /// <summary>Share of attention weights dropped in training.</summary>
    public float Dropout { get; init; }

    /// <summary>Keys and values appended that every query may attend to.</summary>
    internal AppendedKeys Appended { get; init; }

    /// <summary>What the first weights of the output projection are multiplied by.</summary>
    public float OutputGain { get; init; } = 1;

    /// <summary>Another way to attend than softmax over all keys; null for that.</summary>
    public AttentionVariant? Variant { get; init; }

    /// <summary>Heads of keys and values, each for as many heads of queries; 0 for as many as those (Ainslie et al. 2023, grouped-query
    /// attention; with 1, Shazeer 2019, multi-query attention).</summary>
    internal int KeyHeads { get; init; }

    /// <summary>How many heads of queries share one of keys and values.</summary>
    /// <exception cref="ShapeException">The heads of keys do not divide those of queries.</exception>
    internal int Sharing => KeyHeads == 0 ? 1 : KeyHeads > 0 && Heads % KeyHeads == 0 ? Heads / KeyHeads
        : throw new ShapeException("MultiHeadAttention", $"{KeyHeads} heads of keys do not divide {Heads} heads");

    /// <summary>Width D of a head's queries and keys.</summary>
    /// <exception cref="ShapeException">The heads do not divide the width and no head width is given, or a width is not
    /// positive.</exception>
    internal int HeadWidth => Widths.Head is { } given ? Positive(given)
        : Heads > 0 && Width > 0 && Width % Heads == 0 ? Width / Heads
        : throw new ShapeException("MultiHeadAttention", $"{Heads} heads do not divide a width of {Width}");

    /// <summary>Width Dv of a head's values.</summary>
    internal int ValueHeadWidth => Widths.ValueHead is { } given ? Positive(given) : HeadWidth;

    private int Positive(int head) => head > 0 && Heads > 0 && Width > 0 ? head
        : throw new ShapeException("MultiHeadAttention", $"a width of {Width} and {Heads} heads of a width of {head} are not all positive");
}

/// <summary>Widths of an attention that differ from the usual ones.</summary>
internal sealed record AttentionWidths
{
    /// <summary>Width of the tokens keys are made from; the width d when null.</summary>
    public int? Key { get; init; }

    /// <summary>Width of the tokens values are made from; that of the keys when null.</summary>
    public int? Value { get; init; }

    /// <summary>Width D of a head's queries and keys; d/H when null. Scores are divided by its root.</summary>
    public int? Head { get; init; }

    /// <summary>Width Dv of a head's values; D when null.</summary>
    public int? ValueHead { get; init; }
}

/// <summary>Which projections of an attention have a bias.</summary>
[Flags]
internal enum AttentionBiases
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>That of the queries.</summary>
    Query = 1,

    /// <summary>That of the keys. It adds the same to all scores of a query and so never matters; published models have it.</summary>
    Key = 2,

    /// <summary>That of the values.</summary>
    Value = 4,

    /// <summary>That of the output.</summary>
    Output = 8,

    /// <summary>All four.</summary>
    All = Query | Key | Value | Output,
}

/// <summary>Keys and values that are appended to those made from tokens; every query may attend to them.</summary>
[Flags]
internal enum AppendedKeys
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A learned key and value (PyTorch's add_bias_kv).</summary>
    Learned = 1,

    /// <summary>A key and a value of zeros (PyTorch's add_zero_attn).</summary>
    Zero = 2,
}

/// <summary>What becomes of the heads of an attention without an output projection.</summary>
internal enum HeadMerge
{
    /// <summary>They stand side by side.</summary>
    Concatenate,

    /// <summary>They are averaged.</summary>
    Average,
}
