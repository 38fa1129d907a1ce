namespace CrossModal.Engine.Recording;

/// <summary>One operation's view of the backward walk: it reads the gradient of its outputs and writes those of its inputs.</summary>
/// <remarks>An operation overwrites what <see cref="For"/> gives it; summing over several uses, and over broadcast axes, is done here, once
/// for all. One that can add as cheaply as write asks <see cref="Into"/> instead and saves the separate sum.</remarks>
public readonly struct BackwardStep
{
    private readonly BackwardWalk _walk;
    private readonly BackwardWalk.Step _step;

    internal BackwardStep(BackwardWalk walk, in BackwardWalk.Step step)
    {
        _walk = walk;
        _step = step;
    }

    /// <summary>Gradient of the first output, in its shape.</summary>
    public ReadOnlySpan<float> Output => _step.Output.Span;

    /// <summary>Whether the gradient of an input is wanted (false for inputs that were not given).</summary>
    public bool Wants(int input) => input < _step.Inputs.Length && _step.Inputs[input] is not null;

    /// <summary>Unwritten memory for the gradient of an input, in the input's shape; empty when that gradient is not wanted.</summary>
    public Span<float> For(int input) => Wants(input)
        ? _walk.Receive(_step.Inputs[input]!, _step.Inputs[input]!.Of.Shape)
        : default;

    /// <summary>The memory in which the gradient of an input is summed, in the input's shape; empty when that gradient is not
    /// wanted.</summary>
    /// <param name="input">Number of the input.</param>
    /// <param name="accumulate">Whether the memory holds a sum to be added to; otherwise it is unwritten, and to be overwritten. It must be
    /// written before another gradient is asked for: one tensor may be several inputs.</param>
    public Span<float> Into(int input, out bool accumulate)
    {
        accumulate = false;
        return Wants(input) ? _walk.Write(_step.Inputs[input]!, out accumulate) : default;
    }

    /// <summary>Unwritten memory for the gradient of an input that was broadcast, in the output's shape; the sum back to the input's
    /// shape is taken after the operation is done. Empty when that gradient is not wanted.</summary>
    public Span<float> Broadcast(int input) => Wants(input)
        ? _walk.Receive(_step.Inputs[input]!, _step.Output.Of.Shape)
        : default;

    /// <summary>Declares the gradient of an input to be that of the output, summed over broadcast axes or reshaped; nothing is
    /// copied.</summary>
    public void Same(int input)
    {
        if (Wants(input)) _walk.Share(_step.Inputs[input]!, _step.Output);
    }
}
