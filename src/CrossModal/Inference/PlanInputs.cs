using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>The tensors that a compiled pass is given; any other that nothing in the record made is a constant.</summary>
/// <param name="Instruction">Set once an instruction, copied into memory of the plan.</param>
/// <param name="Frame">Set every frame.</param>
/// <param name="FrameIsCopied">Whether what a frame brings is copied into memory of the plan; if not, it is read where it lies, which is elsewhere each time.</param>
internal sealed record PlanInputs(IReadOnlyList<Tensor> Instruction, IReadOnlyList<Tensor> Frame, bool FrameIsCopied)
{
    /// <summary>The tensors that get memory of the plan.</summary>
    public IEnumerable<Tensor> Kept => FrameIsCopied ? Instruction.Concat(Frame) : Instruction;
}
