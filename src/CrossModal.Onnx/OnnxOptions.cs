namespace CrossModal.Onnx;

/// <summary>How a model is exported.</summary>
public sealed record OnnxOptions
{
    /// <summary>The opsets that can be written: 17 for runtimes of any age (TensorRT, OpenVINO), 23 with <c>Attention</c> as one
    /// operator.</summary>
    public static IReadOnlyList<int> Opsets { get; } = [17, 23];

    /// <summary>Version of the operators, one of <see cref="Opsets"/>.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Whether the attention from words to patches is given out, one output for each layer and camera,
    /// <c>[batch, heads, words, patches]</c>.</summary>
    public bool Maps { get; init; }

    /// <summary>A fixed number of samples; null for any number.</summary>
    public int? Batch { get; init; }

    /// <summary>Bytes of weights above which they are written to a file beside the model; a model of 2 GB or more cannot hold
    /// them.</summary>
    public long MostBytesInside { get; init; } = MessageLimit;

    /// <summary>2 GB less room for the nodes.</summary>
    internal const long MessageLimit = int.MaxValue - (64L << 20);
}
