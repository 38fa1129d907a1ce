using CrossModal.Engine.Kernels;
using CrossModal.Fusion;
using CrossModal.Inference;

namespace CrossModal.Benchmarks.Cases;

/// <summary>A strategy made ready for many frames: the only file here that knows how our engine runs a model.</summary>
internal sealed class CompiledModel
{
    private readonly InferenceSession _session;

    /// <summary>Compiles for tokens of the sizes of the examples.</summary>
    /// <param name="model">The strategy.</param>
    /// <param name="language">Words, the first instruction.</param>
    /// <param name="vision">Visual tokens.</param>
    /// <param name="association">How projections are treated.</param>
    /// <param name="instructionStays">Whether many frames follow one instruction.</param>
    /// <param name="workers">Threads.</param>
    public CompiledModel(FusionStrategy model, Tokens language, Tokens vision, Association association, bool instructionStays,
        Workers workers) =>
        _session = InferenceSession.Compile(model, new FusionInput(language, vision), new SessionOptions
        {
            Workers = workers,
            InstructionStays = instructionStays,
            Absorption = association switch
            {
                Association.Ordinary => Absorption.Never,
                Association.Absorbed => Absorption.Always,
                _ => Absorption.Auto,
            },
        });

    /// <summary>Sets the words of the frames to come.</summary>
    public void SetInstruction(Tokens language) => _session.SetInstruction(language);

    /// <summary>One frame: the fused tokens <c>[B, Nl, d]</c>, valid until the next one.</summary>
    public ReadOnlySpan<float> Run(Tokens vision) => _session.Run(vision).Fused.Values.Span;
}
