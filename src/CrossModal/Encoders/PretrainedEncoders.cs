namespace CrossModal.Encoders;

/// <summary>Pretrained encoders that a policy gets its words' states and its visual tokens from, instead of learning both. They are read
/// when a policy is made.</summary>
public sealed class PretrainedEncoders
{
    private TextEncoder? _text;
    private VisionEncoder? _vision;

    /// <summary>Folder of a published text encoder, BERT (as all-MiniLM-L6-v2) or CLIP, with its tokenizer; null for learned
    /// words.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the text encoder is trained with the policy, at a fiftieth of its learning rate; else it stays as it is.</summary>
    public bool TuneText { get; init; }

    /// <summary>A folder of CLIP or ViLT, or an ONNX file, <c>:</c> and the name of one of its values unless its only output is meant; null
    /// for learned visual tokens. It stays as it is.</summary>
    public string? Vision { get; init; }

    /// <summary>Height and width of the vision encoder's pictures in pixels; what its files say when null.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Means of red, green and blue, from 0 to 1, that are subtracted; what its files say when null.</summary>
    public IReadOnlyList<float>? Mean { get; init; }

    /// <summary>Deviations of red, green and blue that are divided by; what its files say when null.</summary>
    public IReadOnlyList<float>? Deviation { get; init; }

    /// <summary>Whether the vision encoder takes blue, green, red; what its files say when null.</summary>
    public bool? BlueFirst { get; init; }

    /// <summary>Folder where features of pictures are kept for the next time, up to 4 GB; null to keep none.</summary>
    public string? FeatureCache { get; init; }

    /// <summary>The text encoder; null when there is none.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">A file is missing or damaged.</exception>
    internal TextEncoder? OfText() => Text is null ? null : _text ??= TextEncoder.Load(Text, TuneText);

    /// <summary>The vision encoder; null when there is none.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">A file is missing or damaged.</exception>
    internal VisionEncoder? OfVision() => Vision is null ? null : _vision ??= VisionEncoder.Load(this);
}
