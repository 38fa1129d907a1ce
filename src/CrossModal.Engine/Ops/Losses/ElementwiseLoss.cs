using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>How the losses of single elements become the result.</summary>
public enum LossReduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Each for itself.</summary>
    None,
}

/// <summary>Base of losses that compare two tensors of one shape element by element.</summary>
/// <param name="reduction">How the elements' losses become the result.</param>
internal abstract class ElementwiseLoss(LossReduction reduction) : Operation
{
    /// <summary>How the elements' losses become the result.</summary>
    public LossReduction Reduction { get; } = reduction;

    /// <inheritdoc/>
    public sealed override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        if (inputs[0] != inputs[1]) throw Error($"prediction{inputs[0]} and target{inputs[1]} differ in shape");
        return [Reduction == LossReduction.None ? inputs[0] : Shape.Scalar];
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs) => 4.0 * inputs[0].Length;

    /// <inheritdoc/>
    public sealed override void Forward(Node node)
    {
        var x = node.Input(0);
        var target = node.Input(1);
        var y = node.Output();
        if (Reduction == LossReduction.None)
        {
            for (var i = 0; i < x.Length; i++) y[i] = Value(x[i], target[i]);
            return;
        }

        double sum = 0;
        for (var i = 0; i < x.Length; i++) sum += Value(x[i], target[i]);
        y[0] = (float)(Reduction == LossReduction.Mean ? sum / x.Length : sum);
    }

    /// <inheritdoc/>
    public sealed override void Backward(Node node, BackwardStep gradients)
    {
        var x = node.Input(0);
        var target = node.Input(1);
        var dy = gradients.Output;
        var dx = gradients.For(0);
        var dTarget = gradients.For(1);
        for (var i = 0; i < x.Length; i++)
        {
            var outer = Reduction switch
            {
                LossReduction.None => dy[i],
                LossReduction.Mean => dy[0] / x.Length,
                _ => dy[0],
            };
            var (forX, forTarget) = Derivatives(x[i], target[i]);
            if (!dx.IsEmpty) dx[i] = outer * forX;
            if (!dTarget.IsEmpty) dTarget[i] = outer * forTarget;
        }
    }

    /// <summary>The loss of one element.</summary>
    private protected abstract float Value(float x, float target);

    /// <summary>Its derivatives by prediction and target.</summary>
    private protected abstract (float X, float Target) Derivatives(float x, float target);
}
