namespace CrossModal.Models;

/// <summary>What checkpoints of BERT and of the models made from it call the parameters of our blocks.</summary>
internal static class BertNames
{
    /// <summary>The embedding of a text.</summary>
    /// <param name="ours">Our path of it.</param>
    /// <param name="published">The published path.</param>
    public static (string Ours, string Published)[] Embedding(string ours, string published) =>
    [
        ($"{ours}.words", $"{published}.word_embeddings"),
        ($"{ours}.positions", $"{published}.position_embeddings"),
        ($"{ours}.segments", $"{published}.token_type_embeddings"),
        ($"{ours}.norm", $"{published}.LayerNorm"),
    ];

    /// <summary>The parts of the layers of a list: attention with what follows it, and the feed-forward network.</summary>
    /// <param name="list">The published name of the list, as in <c>layer.0</c>.</param>
    public static (string Ours, string Published)[] Layers(string list) =>
    [
        .. Attention($"{list}.*.self_attn", $"{list}.*.attention.self", $"{list}.*.attention.output"),
        ($"{list}.*.norm1", $"{list}.*.attention.output.LayerNorm"),
        ($"{list}.*.feed_forward.fc1", $"{list}.*.intermediate.dense"),
        ($"{list}.*.feed_forward.fc2", $"{list}.*.output.dense"),
        ($"{list}.*.norm2", $"{list}.*.output.LayerNorm"),
    ];

    /// <summary>The four projections of an attention.</summary>
    /// <param name="ours">Our path of the attention.</param>
    /// <param name="projections">The published path of the projections to queries, keys and values.</param>
    /// <param name="output">The published path of the projection of the result.</param>
    public static (string Ours, string Published)[] Attention(string ours, string projections, string output) =>
    [
        ($"{ours}.q_proj", $"{projections}.query"),
        ($"{ours}.k_proj", $"{projections}.key"),
        ($"{ours}.v_proj", $"{projections}.value"),
        ($"{ours}.out_proj", $"{output}.dense"),
    ];
}
