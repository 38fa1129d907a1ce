using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>One thing a plan does: it reads values, computes, and writes values, allocating nothing.</summary>
/// <param name="layer">Where in the model, as in the checkpoint; empty when no parameter says.</param>
/// <param name="stage">When it runs.</param>
/// <param name="reads">What it reads, weights apart.</param>
/// <param name="writes">What it writes.</param>
internal abstract class Step(string layer, Stage stage, Value[] reads, Value[] writes)
{
    /// <summary>Where in the model.</summary>
    public string Layer { get; } = layer;

    /// <summary>When it runs.</summary>
    public Stage Stage { get; } = stage;

    /// <summary>What it reads, weights apart.</summary>
    public Value[] Reads { get; } = reads;

    /// <summary>What it writes.</summary>
    public Value[] Writes { get; } = writes;

    /// <summary>What it does, in words.</summary>
    public abstract string Action { get; }

    /// <summary>Floating-point operations; a multiply-add counts two.</summary>
    public abstract double Flops { get; }

    /// <summary>Bytes of weights it reads.</summary>
    public virtual double WeightBytes => 0;

    /// <summary>Bytes read and written, each once.</summary>
    public double Bytes => WeightBytes + sizeof(float) * (Reads.Distinct().Sum(v => (double)v.Shape.Length)
        + Writes.Sum(v => (double)v.Shape.Length));

    /// <summary>Called once, when every value has its memory.</summary>
    public virtual void Prepare(Workers workers)
    {
    }

    /// <summary>Computes.</summary>
    public abstract void Execute(Workers workers);
}
