using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Ops;

/// <summary>x / (1 + |x|), written as CONTRIBUTING says: one class, and nothing else.</summary>
internal sealed class SoftsignOp : Operation
{
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return [inputs[0]];
    }

    public override double Flops(ReadOnlySpan<Shape> inputs) => 3.0 * inputs[0].Length;

    public override void Forward(Node node)
    {
        for (var i = 0; i < node.Input(0).Length; i++) node.Output()[i] = node.Input(0)[i] / (1 + MathF.Abs(node.Input(0)[i]));
    }

    public override void Backward(Node node, BackwardStep gradients)
    {
        var into = gradients.For(0);
        for (var i = 0; i < into.Length; i++) into[i] = gradients.Output[i] / MathF.Pow(1 + MathF.Abs(node.Input(0)[i]), 2);
    }
}

/// <summary>What an operation of one's own has without a change anywhere else.</summary>
public sealed class OperationRecipeTests
{
    [Fact]
    public void An_operation_of_one_class_is_recorded_counted_checked_and_differentiated()
    {
        using var pass = Pass.Recording();
        var x = pass.Differentiable(Tensor.From([-3, -0.5f, 1, 4], [2, 2]));
        var y = pass.Apply(new SoftsignOp(), x);
        Assert.Equal([-0.75f, -1f / 3, 0.5f, 0.8f], y.ToArray());
        using var gradients = pass.Backward(pass.Sum(pass.Multiply(y, Tensor.From([1, 2, 3, 4], [2, 2]))));
        float[] expected = [1f / 16, 2 / 2.25f, 3f / 4, 4f / 25];
        Assert.All(expected.Zip(gradients[x].ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(12, pass.Cost().Flops - (2 * 4 + 3), 8.0);
        Assert.Contains("Softsign", Assert.Throws<ShapeException>(() => pass.Apply(new SoftsignOp(), x, x)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_replayed_with_the_record()
    {
        using var pass = Pass.Recording();
        var x = Tensor.From([1, 2], [2]);
        var y = pass.Apply(new SoftsignOp(), pass.Differentiable(x));
        x.Span[0] = 3;
        pass.Replay();
        Assert.Equal([0.75f, 2f / 3], y.ToArray());
    }
}
