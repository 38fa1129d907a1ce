using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>A strategy with an operation of its own, for <c>--with</c>: half of what a layer makes of the words.</summary>
public sealed class HalvedFusion : FusionStrategy
{
    private readonly Linear _mix;

    private HalvedFusion(FusionOptions options, RandomSource random)
        : base(options) => _mix = Add("mix", new Linear(options.Width, options.Width, random));

    public static StrategyDescription Description { get; } = new("halved", "Halved", "half of the words", (options, random) =>
        new HalvedFusion(options, random));

    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        return new FusionOutput(input.Language with { Values = pass.Apply(new HalveOp(), _mix.Forward(input.Language.Values, pass)) });
    }

    private sealed class HalveOp : Operation
    {
        public override Shape[] Infer(ReadOnlySpan<Shape> inputs) => [inputs[0]];

        public override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;

        public override void Forward(Node node) => Halve(node.Input(0), node.Output());

        public override void Backward(Node node, BackwardStep gradients) => Halve(gradients.Output, gradients.For(0));

        private static void Halve(ReadOnlySpan<float> from, Span<float> to)
        {
            for (var i = 0; i < to.Length; i++) to[i] = from[i] / 2;
        }
    }
}
