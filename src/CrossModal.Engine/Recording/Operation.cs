using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>One operation with its attributes: the shapes it accepts, its forward, its backward, its cost.</summary>
/// <remarks>Instances are immutable and hold no tensors, so that one instance can serve many recorded applications.</remarks>
public abstract class Operation
{
    private string? _name;

    /// <summary>The name used in errors, plans and exports: the class name without its <c>Op</c>.</summary>
    public virtual string Name => _name ??= GetType().Name[..^"Op".Length];

    /// <summary>Whether the single output shares the input's memory (a reshape).</summary>
    public virtual bool IsView => false;

    /// <summary>Whether the operation was made with a seed drawn from the pass, so that a replay has to draw another
    /// (<see cref="Node.DrawnSeed"/>).</summary>
    public virtual bool DrawsSeed => false;

    /// <summary>The shapes of the outputs.</summary>
    /// <param name="inputs">Shapes of the inputs.</param>
    /// <exception cref="ShapeException">The inputs do not fit; the message names the operation and the shapes.</exception>
    public abstract Shape[] Infer(ReadOnlySpan<Shape> inputs);

    /// <summary>Shapes of what the forward keeps for the backward beside inputs and outputs; nothing by default.</summary>
    public virtual Shape[] Saved(ReadOnlySpan<Shape> inputs) => [];

    /// <summary>Computes every element of the outputs, and of the saved tensors when there are any.</summary>
    /// <param name="node">The application: inputs, outputs, saved tensors, workers.</param>
    public abstract void Forward(Node node);

    /// <summary>Computes the gradients of the inputs that want one.</summary>
    /// <param name="node">The application.</param>
    /// <param name="gradients">Where the gradient of the outputs is read and those of the inputs are written.</param>
    public abstract void Backward(Node node, BackwardStep gradients);

    /// <summary>Floating-point operations of one forward; a multiply-add counts two, a transcendental function one.</summary>
    public abstract double Flops(ReadOnlySpan<Shape> inputs);

    /// <summary>The forward's cost at given shapes.</summary>
    public Cost Cost(ReadOnlySpan<Shape> inputs)
    {
        double elements = 0;
        if (!IsView)
        {
            foreach (var shape in inputs) elements += shape.Length;
            foreach (var shape in Infer(inputs)) elements += shape.Length;
        }

        return new Cost(Flops(inputs), elements * sizeof(float));
    }

    /// <summary>An error that names this operation.</summary>
    protected ShapeException Error(string reason) => new(Name, reason);

    /// <summary>Checks the number of inputs.</summary>
    protected void Expect(ReadOnlySpan<Shape> inputs, int least, int most)
    {
        if (inputs.Length < least || inputs.Length > most)
            throw Error(least == most ? $"takes {least} inputs, got {inputs.Length}"
                : $"takes {least} to {most} inputs, got {inputs.Length}");
    }
}
