namespace CrossModal.Encoders;

/// <summary>Pretrained encoders that a policy gets its words' states and its visual tokens from, instead of learning both.</summary>
public sealed record PretrainedEncoders
{
    /// <summary>Folder of a published text encoder, BERT (as all-MiniLM-L6-v2) or CLIP, with its tokenizer; null for learned words.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the text encoder is trained with the policy, at a fiftieth of its learning rate; else it stays as it is.</summary>
    public bool TuneText { get; init; }
}
