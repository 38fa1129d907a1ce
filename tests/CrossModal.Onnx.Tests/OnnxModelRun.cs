using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CrossModal.Onnx.Tests;

/// <summary>A model in ONNX Runtime: inputs by name in, outputs by name out.</summary>
internal sealed class OnnxModelRun : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxModelRun(string path)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
        _session = new InferenceSession(path, options);
    }

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    public IEnumerable<string> Outputs => _session.OutputNames;

    public IReadOnlyDictionary<string, string[]> InputShapes => _session.InputMetadata.ToDictionary(p => p.Key, p => Sizes(p.Value));

    public IReadOnlyDictionary<string, string[]> OutputShapes => _session.OutputMetadata.ToDictionary(p => p.Key, p => Sizes(p.Value));

    public IReadOnlyDictionary<string, (float[] Values, int[] Shape)> Run(params (string Name, Array Values, int[] Shape)[] inputs)
    {
        using var results = _session.Run([.. inputs.Select(Value)]);
        return results.ToDictionary(result => result.Name, result => result.ElementType == TensorElementType.Bool
            ? ([.. result.AsTensor<bool>().Select(b => b ? 1f : 0f)], result.AsTensor<bool>().Dimensions.ToArray())
            : (result.AsTensor<float>().ToArray(), result.AsTensor<float>().Dimensions.ToArray()));
    }

    public void Dispose() => _session.Dispose();

    private static string[] Sizes(NodeMetadata data) =>
        [.. data.Dimensions.Select((size, i) => size >= 0 ? $"{size}" : data.SymbolicDimensions[i])];

    private static NamedOnnxValue Value((string Name, Array Values, int[] Shape) input) => input.Values switch
    {
        float[] floats => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<float>(floats, input.Shape)),
        long[] longs => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<long>(longs, input.Shape)),
        _ => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<bool>((bool[])input.Values, input.Shape)),
    };
}
