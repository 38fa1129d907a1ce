namespace CrossModal.Encoders;

/// <summary>What computes an ONNX model of pictures; a package that can registers itself in <see cref="OnnxRunners"/>.</summary>
internal interface IOnnxRunner
{
    /// <summary>Sizes of the input, <c>[B, 3, H, W]</c>; below 1 where the model leaves one open.</summary>
    IReadOnlyList<int> InputSizes { get; }

    /// <summary>The file's <c>metadata_props</c>.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Computes the output for one picture.</summary>
    /// <param name="pixels">Normalised pixels <c>[3, S, S]</c>.</param>
    /// <param name="side">S.</param>
    /// <returns>The output's sizes and values.</returns>
    /// <exception cref="ArgumentException">The model does not take such a picture; the message says why.</exception>
    (int[] Sizes, float[] Values) Run(float[] pixels, int side);
}

/// <summary>Where a package that computes ONNX models registers itself: the library itself has no native code.</summary>
internal static class OnnxRunners
{
    /// <summary>Opens a model for one of its outputs, by name, or its only one; null until a package has registered.</summary>
    /// <remarks>It throws <see cref="Engine.Formats.FileFormatException"/> for a file or a name that cannot be used.</remarks>
    public static Func<string, string?, IOnnxRunner>? Open { get; set; }
}
