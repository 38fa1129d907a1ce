using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>A loss whose shapes never change: its forward pass is recorded once and computed again for every batch, which allocates
/// nothing.</summary>
/// <remarks>One instance serves one thread and one number of samples, and owns its inputs: tensors made once, in the constructor, and
/// written by <see cref="Fill"/>. Whatever depends on a batch has to be in them; a branch or a constant of <see cref="Build"/> stays as it
/// was at the first.</remarks>
public abstract class ReplayedLoss
{
    /// <summary>Writes a part of a batch into the inputs.</summary>
    /// <param name="batch">Which part; its <see cref="TrainingBatch.Count"/> is the number of samples this instance was made for.</param>
    public abstract void Fill(TrainingBatch batch);

    /// <summary>Builds the mean loss over the inputs, <c>[]</c>; called once, after the first <see cref="Fill"/>.</summary>
    /// <param name="pass">The pass that records.</param>
    public abstract Tensor Build(Pass pass);

    /// <summary>Called once the loss of a batch is computed, whose numbers are in the tensors made in <see cref="Build"/>: reports metrics,
    /// keeps what the next batch needs.</summary>
    /// <param name="batch">The batch, to which metrics are reported.</param>
    public virtual void Computed(TrainingBatch batch)
    {
    }
}
