using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Ops;

/// <summary>A wrong shape gives one error that names the operation and the shapes as they came.</summary>
public sealed class ShapeErrorTests
{
    public static TheoryData<string, Func<Pass, Tensor>> Refused => new()
    {
        { "MatMul: inner sizes differ: a[2,3,4] has 4, b[5,6] has 5", p => p.MatMul(Zeros([2, 3, 4]), Zeros([5, 6])) },
        { "MatMul: batch sizes differ: a[2,3,4], b[3,4,5]", p => p.MatMul(Zeros([2, 3, 4]), Zeros([3, 4, 5])) },
        { "MatMul: both operands need two axes or more: a[4], b[4,5]", p => p.MatMul(Zeros([4]), Zeros([4, 5])) },
        { "Linear: widths differ: x[2,3] has 3, weight[5,4] takes 4", p => p.Linear(Zeros([2, 3]), Zeros([5, 4])) },
        { "Linear: bias[4] does not fit weight[5,3]", p => p.Linear(Zeros([2, 3]), Zeros([5, 3]), Zeros([4])) },
        { "Add: [2,3] and [4,3] do not broadcast: 2 against 4", p => p.Add(Zeros([2, 3]), Zeros([4, 3])) },
        { "Attention: widths differ: q[1,2,8] has 8, k[1,3,6] has 6", p =>
            p.Attention(Zeros([1, 2, 8]), Zeros([1, 3, 6]), Zeros([1, 3, 6]), 2).Result },
        { "Attention: token counts differ: k[1,3,8] has 3, v[1,4,8] has 4", p =>
            p.Attention(Zeros([1, 2, 8]), Zeros([1, 3, 8]), Zeros([1, 4, 8]), 2).Result },
        { "Attention: 3 heads do not divide the widths of q[1,2,8] and v[1,3,8]", p =>
            p.Attention(Zeros([1, 2, 8]), Zeros([1, 3, 8]), Zeros([1, 3, 8]), 3).Result },
        {
            "Attention: mask[1,1,2,1] is not [B or 1, H or 1, Nq or 1, Nk] of [1,2,2,3]",
            p => p.Attention(Zeros([1, 2, 8]), Zeros([1, 3, 8]), Zeros([1, 3, 8]), 2, Zeros([1, 1, 2, 1])).Result
        },
        { "LayerNorm: gamma[4] does not fit x[2,3]", p => p.LayerNorm(Zeros([2, 3]), Zeros([4])) },
        { "LayerNorm: beta was given without gamma", p => p.LayerNorm(Zeros([2, 3]), null, Zeros([3])) },
        { "Reshape: [2,3] has 6 elements, [4] has 4", p => p.Reshape(Zeros([2, 3]), [4]) },
        { "Permute: (0,0) is no order of the axes of [2,3]", p => p.Permute(Zeros([2, 3]), 0, 0) },
        { "Transpose: axis 2 does not exist in [2,3]", p => p.Transpose(Zeros([2, 3]), 0, 2) },
        { "Slice: positions 2 to 4 are outside axis 1 of [3,4]", p => p.Slice(Zeros([3, 4]), 1, 2, 3) },
        { "Concat: [2,4] does not join [3,4] along axis 1", p => p.Concat(1, Zeros([3, 4]), Zeros([2, 4])) },
        { "Concat: nothing to join", p => p.Concat(0) },
        { "Expand: [2,3] does not stretch to [3]", p => p.Expand(Zeros([2, 3]), [3]) },
        { "Conv2d: channels differ: x[1,3,4,4] has 3, weight[2,1,3,3] takes 1", p => p.Conv2d(Zeros([1, 3, 4, 4]), Zeros([2, 1, 3, 3])) },
        { "Conv2d: the window [2,3,5,5] is larger than x[1,3,4,4]", p => p.Conv2d(Zeros([1, 3, 4, 4]), Zeros([2, 3, 5, 5])) },
        { "CrossEntropy: needs logits[…, C] and target[…], got [2,3] and [3]", p => p.CrossEntropy(Zeros([2, 3]), Zeros([3])) },
        { "CrossEntropy: target 3 of row 1 is not one of 3 classes", p => p.CrossEntropy(Zeros([2, 3]), Tensor.From([0, 3], [2])) },
        { "Embedding: id 1.5 is not a row of the table [4,2]", p => p.Embedding(Zeros([4, 2]), Tensor.From([1.5f], [1])) },
        { "Max: nothing to take the largest of in [2,0]", p => p.Max(Zeros([2, 0]), axis: 1) },
        { "MeanSquaredError: prediction[2] and target[3] differ in shape", p => p.MeanSquaredError(Zeros([2]), Zeros([3])) },
        { "AvgPool1d: a group of 3 is larger than the 2 tokens of [1,2,4]", p => p.AvgPool1d(Zeros([1, 2, 4]), 3) },
        { "Softmax: axis -3 does not exist in [2,3]", p => p.Softmax(Zeros([2, 3]), axis: -3) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_error_names_the_operation_and_the_shapes(string message, Func<Pass, Tensor> apply)
    {
        using var pass = Pass.Evaluation();
        Assert.Equal(message, Assert.Throws<ShapeException>(() => apply(pass)).Message);
    }

    [Fact]
    public void A_refused_operation_leaves_no_memory_and_no_record_behind()
    {
        var pool = new TensorPool();
        using (var pass = Pass.Recording(pool: pool))
        {
            Assert.Throws<ShapeException>(() => pass.Add(Zeros([2]), Zeros([3])));
            Assert.Empty(pass.Record);
            Assert.Equal(0, pool.Outstanding);
        }
    }

    private static Tensor Zeros(Shape shape) => Tensor.Zeros(shape);
}
