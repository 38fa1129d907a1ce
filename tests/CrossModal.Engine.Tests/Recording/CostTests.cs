using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Ops;

namespace CrossModal.Engine.Tests.Recording;

public sealed class CostTests
{
    /// <summary>Operations that move numbers and compute none.</summary>
    private static readonly HashSet<string> Moves = ["Reshape", "Permute", "Expand", "Slice", "Concat", "Embedding", "GatherTokens"];

    [Fact]
    public void Every_operation_costs_what_its_kind_costs()
    {
        Assert.All(Examples.All, e =>
        {
            var cost = e.Operation.Cost(Array.ConvertAll(e.Inputs, i => i.Values.Shape));
            Assert.True(Moves.Contains(e.Operation.Name) ? cost.Flops == 0 : cost.Flops > 0, $"{e}: {cost}");
            Assert.True(e.Operation.IsView ? cost.Bytes == 0 : cost.Bytes > 0, $"{e}: {cost}");
        });
    }

    [Fact]
    public void A_product_costs_two_per_multiply_add_and_reads_and_writes_each_element_once()
    {
        Shape[] shapes = [[2, 3, 5], [5, 7]];
        Assert.Equal(new Cost(2 * 2 * 3 * 5 * 7, 4 * (30 + 35 + 42)), new MatMulOp().Cost(shapes));
        Shape[] linear = [[6, 5], [7, 5], [7]];
        Assert.Equal(2 * 6 * 5 * 7, new LinearOp().Cost(linear).Flops);
    }

    [Fact]
    public void The_cost_of_a_pass_is_the_sum_of_its_record()
    {
        using var pass = Pass.Recording();
        pass.Linear(pass.Linear(Tensor.Zeros([6, 5]), Tensor.Zeros([7, 5])), Tensor.Zeros([3, 7]));
        Assert.Equal(2 * 6 * 5 * 7 + 2 * 6 * 7 * 3, pass.Cost().Flops);
    }
}
