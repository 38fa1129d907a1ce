using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Ops;

public sealed class EmbeddingTests
{
    [Fact]
    public void The_row_of_padding_is_read_and_gets_no_gradient()
    {
        using var pass = Pass.Recording();
        var table = pass.Differentiable(Tensor.From([1, 2, 3, 4, 5, 6], [3, 2]));
        var rows = pass.Embedding(table, Tensor.From([1, 2, 1, 0], [4]), padding: 1);
        Assert.Equal([3, 4, 5, 6, 3, 4, 1, 2], rows.ToArray());
        using var gradients = pass.Backward(pass.Sum(rows));
        Assert.Equal([1, 1, 0, 0, 1, 1], gradients[table].ToArray());
    }
}
