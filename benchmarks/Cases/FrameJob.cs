using CrossModal.Engine.Kernels;
using CrossModal.Fusion;

namespace CrossModal.Benchmarks.Cases;

/// <summary>One frame of a network through the compiled model.</summary>
internal sealed class FrameJob : IJob
{
    private readonly NetworkInputs _inputs;
    private readonly CompiledModel _model;
    private readonly Tokens _words;
    private readonly Tokens _visuals;
    private readonly bool _cached;

    /// <summary>Compiles a network for its inputs.</summary>
    /// <param name="inputs">Words, weights, reference.</param>
    /// <param name="association">How projections are treated.</param>
    /// <param name="cached">Whether the instruction is set once, before the frames; otherwise it is part of every frame.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="repeats">How often the visual tokens are repeated end to end, which changes no result: weights of attention are shared
    /// evenly.</param>
    public FrameJob(NetworkInputs inputs, Association association, bool cached, Workers workers, int repeats = 1)
        : this(inputs, SharedModel.Make(inputs), Repeated(inputs, repeats), association, cached, workers)
    {
    }

    /// <summary>Compiles a model that was made already.</summary>
    public FrameJob(NetworkInputs inputs, FusionStrategy model, Tokens visuals, Association association, bool cached, Workers workers)
    {
        var shape = inputs.Network.Shape;
        (_inputs, _cached, _visuals) = (inputs, cached, visuals);
        _words = SharedModel.Tokens(inputs.Words, shape.Batch, shape.Width);
        _model = new CompiledModel(model, _words, _visuals, association, cached, workers);
        if (cached) _model.SetInstruction(_words);
    }

    /// <inheritdoc/>
    public void Call() => Frame();

    /// <inheritdoc/>
    public double MaxError() => _inputs.MaxError(Frame());

    /// <summary>The visual tokens, repeated end to end in memory of their own.</summary>
    /// <exception cref="ArgumentException">There is more than one sample to repeat.</exception>
    public static Tokens Repeated(NetworkInputs inputs, int repeats)
    {
        var shape = inputs.Network.Shape;
        if (repeats == 1) return SharedModel.Tokens(inputs.Visuals, shape.Batch, shape.Width);
        if (shape.Batch != 1) throw new ArgumentException("only a single sample can be repeated");
        var values = new float[inputs.Visuals.Length * repeats];
        for (var i = 0; i < repeats; i++) inputs.Visuals.CopyTo(values, i * inputs.Visuals.Length);
        return SharedModel.Tokens(values, 1, shape.Width);
    }

    private ReadOnlySpan<float> Frame()
    {
        if (!_cached) _model.SetInstruction(_words);
        return _model.Run(_visuals);
    }
}
