using Microsoft.ML.OnnxRuntime;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>A model in ONNX Runtime, its inputs and its output bound to memory once, so that a call allocates and copies nothing.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly List<IDisposable> _held = [];
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();

    /// <summary>Loads a model with every optimisation.</summary>
    /// <param name="model">The model, serialised.</param>
    /// <param name="threads">Threads within an operator.</param>
    /// <param name="inputs">Values by name; they stay the caller's and may change between calls.</param>
    /// <param name="output">Name and shape of the output.</param>
    public OnnxSession(byte[] model, int threads, IEnumerable<(string Name, float[] Values, int[] Shape)> inputs, (string Name,
        int[] Shape) output)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = new InferenceSession(model, options);
        _binding = _session.CreateIoBinding();
        foreach (var (name, values, shape) in inputs) _binding.BindInput(name, Value(values, shape));
        Output = new float[output.Shape.Aggregate(1, (product, size) => product * size)];
        _binding.BindOutput(output.Name, Value(Output, output.Shape));
    }

    /// <summary>Version of the library.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>What the last call computed.</summary>
    public float[] Output { get; }

    /// <summary>Computes.</summary>
    public void Run() => _session.RunWithBinding(_options, _binding);

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _session.Dispose();
        foreach (var value in _held) value.Dispose();
    }

    private OrtValue Value(float[] values, int[] shape)
    {
        var value = OrtValue.CreateTensorValueFromMemory(values, Array.ConvertAll(shape, size => (long)size));
        _held.Add(value);
        return value;
    }
}
