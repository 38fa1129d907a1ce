using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>The tensors that a compiled pass is given; any other that nothing in the record made is a constant.</summary>
/// <param name="Instruction">Set once an instruction: whatever lies in these tensors when that stage runs.</param>
/// <param name="Frame">Set every frame.</param>
internal sealed record PlanInputs(IReadOnlyList<Tensor> Instruction, IReadOnlyList<Tensor> Frame)
{
    /// <summary>Whether what a frame brings lies elsewhere each time and is assigned before it runs; if not, it is read from these
    /// tensors.</summary>
    public bool FrameMoves { get; init; }

    /// <summary>The tensors that are read where they lie.</summary>
    public IEnumerable<Tensor> InPlace => FrameMoves ? Instruction : Instruction.Concat(Frame);
}
