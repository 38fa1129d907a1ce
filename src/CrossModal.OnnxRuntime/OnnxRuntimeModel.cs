using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using Microsoft.ML.OnnxRuntime;

namespace CrossModal.OnnxRuntime;

/// <summary>A session of ONNX Runtime, on one thread so that results do not depend on how many there are.</summary>
internal sealed class OnnxRuntimeModel : IOnnxRunner
{
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string _output;

    /// <summary>Opens a file.</summary>
    /// <param name="file">The model.</param>
    /// <param name="output">Name of one of its values; null for its only output.</param>
    /// <exception cref="FileFormatException">ONNX Runtime refuses the file, or it has several inputs or outputs and none is
    /// named.</exception>
    public OnnxRuntimeModel(string file, string? output)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        var model = File.ReadAllBytes(file);
        _session = Open(model, options, file, "ONNX Runtime refuses it");
        if (output is not null && !_session.OutputNames.Contains(output))
        {
            _session.Dispose();
            _session = Open(GraphOutput.Added(model, output), options, file, $"it has no value {FileFormatException.Quote(output)}");
        }

        if (_session.InputMetadata.Count != 1)
            throw new FileFormatException(file,
                $"has {_session.InputMetadata.Count} inputs ({string.Join(", ", _session.InputNames)}), a vision encoder has one");
        if (output is null && _session.OutputMetadata.Count != 1)
            throw new FileFormatException(file,
                $"has {_session.OutputMetadata.Count} outputs: name one behind the file: {string.Join(", ", _session.OutputNames)}");
        (_input, _output) = (_session.InputNames[0], output ?? _session.OutputNames[0]);
    }

    private static InferenceSession Open(byte[] model, SessionOptions options, string file, string problem)
    {
        try
        {
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new FileFormatException(file, $"{problem}: {Failure.Reason(error)}", error);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> InputSizes => _session.InputMetadata[_input].Dimensions;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <inheritdoc/>
    public (int[] Sizes, float[] Values) Run(float[] pixels, int side)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, side, side]);
        using var options = new RunOptions();
        try
        {
            using var results = _session.Run(options, [_input], [input], [_output]);
            var sizes = results[0].GetTensorTypeAndShape().Shape;
            return (Array.ConvertAll(sizes, size => (int)size), results[0].GetTensorDataAsSpan<float>().ToArray());
        }
        catch (OnnxRuntimeException error)
        {
            throw new ArgumentException($"ONNX Runtime: {Failure.Reason(error)}", error);
        }
    }
}
