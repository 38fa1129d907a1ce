using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>Copies a value.</summary>
internal sealed class CopyStep(Value from, Value to) : Step("", to.Stage, [from], [to])
{
    /// <inheritdoc/>
    public override string Action => "copy";

    /// <inheritdoc/>
    public override double Flops => 0;

    /// <inheritdoc/>
    public override void Execute(Workers workers) => from.Span.CopyTo(to.Span);
}
