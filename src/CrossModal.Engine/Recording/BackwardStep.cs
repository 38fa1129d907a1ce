namespace CrossModal.Engine.Recording;

/// <summary>One operation's view of the backward walk: it reads the gradient of its outputs and writes those of its inputs.</summary>
/// <remarks>An operation overwrites what it is given; summing over several uses, and over broadcast axes, is done here, once for all.</remarks>
public readonly struct BackwardStep
{
    private readonly Gradients _gradients;
    private readonly Node _node;

    internal BackwardStep(Gradients gradients, Node node)
    {
        _gradients = gradients;
        _node = node;
    }

    /// <summary>Gradient of the first output, in its shape.</summary>
    public ReadOnlySpan<float> Output => _gradients.Pending(_node.Outputs[0]).Span;

    /// <summary>Whether the gradient of an input is wanted (false for inputs that were not given).</summary>
    public bool Wants(int input) => input < _node.Inputs.Count && _node.Inputs[input].RequiresGradient;

    /// <summary>Unwritten memory for the gradient of an input, in the input's shape; empty when that gradient is not wanted.</summary>
    public Span<float> For(int input) => Wants(input)
        ? _gradients.Receive(_node.Inputs[input], _node.Inputs[input].Shape)
        : default;

    /// <summary>Unwritten memory for the gradient of an input that was broadcast, in the output's shape; the sum back to the input's
    /// shape is taken after the operation is done. Empty when that gradient is not wanted.</summary>
    public Span<float> Broadcast(int input) => Wants(input)
        ? _gradients.Receive(_node.Inputs[input], _node.Outputs[0].Shape)
        : default;

    /// <summary>Declares the gradient of an input to be that of the output, summed over broadcast axes or reshaped; nothing is copied.</summary>
    public void Same(int input)
    {
        if (Wants(input)) _gradients.Share(_node.Inputs[input], _gradients.Pending(_node.Outputs[0]));
    }
}
