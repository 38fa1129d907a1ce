using CrossModal.Fusion;
using CrossModal.Policies;

namespace CrossModal.Onnx;

/// <summary>Exports policies and strategies as ONNX models, for ONNX Runtime, TensorRT and OpenVINO.</summary>
/// <remarks>A model computes what evaluation does: results equal the library's up to rounding, and a query that may attend to nothing
/// fetches zeros. Beside <c>policy.onnx</c> stands <c>policy.onnx.json</c>, which lists inputs, outputs and the digests of the files; all
/// are written beside and renamed.</remarks>
public static class Onnx
{
    /// <summary>Exports a trained policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="path">The <c>.onnx</c> file.</param>
    /// <param name="options">How; opset 17 without maps when null.</param>
    /// <exception cref="OnnxExportException">The opset is unknown, or something of the policy cannot be expressed; the message names
    /// it.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static OnnxFile Export(TrainedPolicy policy, string path, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Export(checkedOptions => new PolicySource(policy, checkedOptions), path, options);
    }

    /// <summary>Exports the policy in a folder that training wrote.</summary>
    /// <param name="folder">The folder, or a file in it.</param>
    /// <param name="path">The <c>.onnx</c> file.</param>
    /// <param name="options">How; opset 17 without maps when null.</param>
    /// <exception cref="Engine.Formats.FileFormatException">A file of the policy is missing or damaged.</exception>
    /// <exception cref="OnnxExportException">The opset is unknown, or something of the policy cannot be expressed; the message names
    /// it.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static OnnxFile Export(string folder, string path, OnnxOptions? options = null) =>
        Export(PolicyFolder.Load(folder), path, options);

    /// <summary>Exports a fusion strategy.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="example">Numbers of words and visual tokens; those that the strategy leaves open are open in the model.</param>
    /// <param name="path">The <c>.onnx</c> file.</param>
    /// <param name="options">How; opset 17 without maps when null.</param>
    /// <exception cref="OnnxExportException">The opset is unknown, or something of the strategy cannot be expressed; the message names
    /// it.</exception>
    /// <exception cref="Engine.Tensors.ShapeException">The strategy does not take such inputs.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static OnnxFile Export(FusionStrategy strategy, StrategyExample example, string path, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        ArgumentNullException.ThrowIfNull(example);
        if (example.Words < 1 || example.Views.Count == 0 || example.Views.Any(count => count < 1))
        {
            var views = string.Join(", ", example.Views.Select(count => count is null ? "nothing" : $"{count}"));
            throw new OnnxExportException(
                $"an example needs words and views of at least one token, got {example.Words} words, views of {views}");
        }

        return Export(checkedOptions => new StrategySource(strategy, example, checkedOptions), path, options);
    }

    private static OnnxFile Export(Func<OnnxOptions, IExportSource> source, string path, OnnxOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxOptions();
        if (!OnnxOptions.Opsets.Contains(options.Opset))
            throw new OnnxExportException($"opset {options.Opset} is not one of {string.Join(", ", OnnxOptions.Opsets)}");
        if (options.Batch is < 1) throw new OnnxExportException($"a batch has at least one sample, got {options.Batch}");
        var model = Exporter.Export(source(options), options.Opset);
        var external = ModelFile.Write(model, path, Math.Clamp(options.MostBytesInside, 0, OnnxOptions.MessageLimit));
        return Manifest.Write(model, path, external);
    }
}
