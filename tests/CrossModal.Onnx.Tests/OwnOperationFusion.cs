using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Onnx.Tests;

/// <summary>A strategy of somebody else, with an operation of their own.</summary>
internal sealed class OwnOperationFusion : FusionStrategy
{
    private readonly Linear _mix;

    public OwnOperationFusion()
        : base(8) => _mix = Add("mix", new Linear(8, 8, new RandomSource(1)));

    protected override FusionOutput Fuse(FusionInput input, Pass pass) =>
        new(input.Language with { Values = pass.Apply(new HalveOp(), _mix.Forward(input.Language.Values, pass)) });

    private sealed class HalveOp : Operation
    {
        public override Shape[] Infer(ReadOnlySpan<Shape> inputs) => [inputs[0]];

        public override void Forward(Node node)
        {
            for (var i = 0; i < node.Output().Length; i++) node.Output()[i] = node.Input(0)[i] / 2;
        }

        public override void Backward(Node node, BackwardStep gradients) => throw new NotSupportedException();

        public override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;
    }
}
