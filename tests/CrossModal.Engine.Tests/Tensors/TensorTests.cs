using System.Numerics.Tensors;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void A_tensor_and_its_tensor_span_are_the_same_memory()
    {
        var tensor = Zeros([2, 3]);
        var span = tensor.AsTensorSpan();
        Assert.Equal([2, 3], span.Lengths.ToArray());
        span[1, 2] = 7;
        Assert.Equal(7, tensor[1, 2]);
        tensor[0, 1] = 5;
        Assert.Equal(5, span[0, 1]);
    }

    [Fact]
    public void A_result_of_a_pass_is_interchanged_without_copying_too()
    {
        using var pass = Pass.Evaluation();
        var result = pass.Scale(Zeros([4, 5]), 1, 2);
        result.AsTensorSpan()[3, 4] = -1;
        Assert.Equal(-1, result[3, 4]);
        Assert.Equal(2, result[0, 0]);
    }

    [Fact]
    public void A_tensor_wraps_an_array_without_copying()
    {
        float[] values = [1, 2, 3, 4];
        var tensor = CrossModal.Engine.Tensors.Tensor.From(values, [2, 2]);
        values[3] = 9;
        Assert.Equal(9, tensor[1, 1]);
        tensor[0, 0] = 8;
        Assert.Equal(8, values[0]);
    }

    [Fact]
    public void A_slice_of_a_tensor_span_comes_back_as_a_tensor()
    {
        ReadOnlyTensorSpan<float> whole = new([1, 2, 3, 4, 5, 6], [2, 3]);
        var tensor = CrossModal.Engine.Tensors.Tensor.From(whole.Slice([0..2, 1..3]));
        Assert.Equal([2, 2], tensor.Shape);
        Assert.Equal([2, 3, 5, 6], tensor.ToArray());
    }

    [Fact]
    public void A_single_number_has_no_axes()
    {
        var number = CrossModal.Engine.Tensors.Tensor.Scalar(3);
        Assert.Equal("[]", number.Shape.ToString());
        Assert.Equal(3, number.Item());
        Assert.Equal(3, number[[]]);
        Assert.Equal("Item: [2] does not have exactly one element", Assert.Throws<ShapeException>(() => Zeros([2]).Item()).Message);
    }

    [Fact]
    public void Elements_outside_are_refused()
    {
        Assert.Equal("Tensor: index [2,0] is outside [2,3]", Assert.Throws<ShapeException>(() => Zeros([2, 3])[2, 0]).Message);
        Assert.Throws<ShapeException>(() => Zeros([2, 3])[1]);
        Assert.Equal("Tensor: 3 values do not fill [2,2]",
            Assert.Throws<ShapeException>(() => CrossModal.Engine.Tensors.Tensor.From([1, 2, 3], [2, 2])).Message);
    }

    private static CrossModal.Engine.Tensors.Tensor Zeros(Shape shape) => CrossModal.Engine.Tensors.Tensor.Zeros(shape);
}
