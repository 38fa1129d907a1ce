using CrossModal.Benchmarks.Cases;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>One call of a model in ONNX Runtime.</summary>
/// <param name="session">The model.</param>
/// <param name="error">The largest difference of an output from what it is to be.</param>
internal sealed class OnnxJob(OnnxSession session, Func<float[], double> error) : IJob
{
    /// <inheritdoc/>
    public void Call() => session.Run();

    /// <inheritdoc/>
    public double MaxError()
    {
        Array.Fill(session.Output, float.NaN);
        session.Run();
        return error(session.Output);
    }
}
