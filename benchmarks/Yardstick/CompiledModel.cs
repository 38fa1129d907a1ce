using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Fusion;

namespace CrossModal.Benchmarks.Yardstick;

/// <summary>A strategy made ready for many frames under one instruction: the only file here that knows how our engine runs a model.</summary>
internal sealed class CompiledModel : IDisposable
{
    private readonly FusionStrategy _model;
    private readonly Workers _workers;
    private Tokens _language;
    private float[] _output = [];

    /// <summary>Compiles for tokens of the sizes of the examples.</summary>
    public CompiledModel(FusionStrategy model, Tokens language, Tokens vision, Association association, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(vision);
        _ = association;
        (_model, _language, _workers) = (model, language, workers);
    }

    /// <summary>Sets the words of the frames to come.</summary>
    public void SetInstruction(Tokens language) => _language = language;

    /// <summary>One frame: the fused tokens <c>[B, Nl, d]</c>, valid until the next one.</summary>
    public ReadOnlySpan<float> Run(Tokens vision)
    {
        using var pass = Pass.Evaluation(workers: _workers);
        var fused = _model.Forward(_language, vision, pass).Fused.Values;
        if (_output.Length != fused.Shape.Length) _output = new float[fused.Shape.Length];
        fused.Span.CopyTo(_output);
        return _output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
