using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;

namespace CrossModal.Tests.Inference;

/// <summary>Attention whose heads are wider or narrower than the tokens, with any projections biased: a session and the eager pass
/// agree.</summary>
public sealed class SessionWidthTests
{
    [Theory]
    [InlineData(Absorption.Auto)]
    [InlineData(Absorption.Always)]
    [InlineData(Absorption.Never)]
    public void Any_head_width_and_any_biases_compile(Absorption absorption)
    {
        for (var draw = 0; draw < 60; draw++)
        {
            var random = new RandomSource(7, (ulong)draw);
            var width = 4 + random.NextInt(40);
            var strategy = new Attending(new AttentionOptions(width, 1 + random.NextInt(5))
            {
                Widths = new AttentionWidths
                {
                    Head = 1 + random.NextInt(40),
                    ValueHead = random.NextInt(2) == 0 ? null : 1 + random.NextInt(40)
                },
                Biases = (AttentionBiases)random.NextInt(16),
                Appended = (AppendedKeys)(random.NextInt(3) == 0 ? random.NextInt(4) : 0),
            }, random);
            foreach (var (_, parameter) in strategy.Parameters())
                if (parameter.Shape.Rank == 1) Tensor.Normal(parameter.Shape, random).Span.CopyTo(parameter.Span);
            var (batch, words, patches) = (1 + random.NextInt(3), 1 + random.NextInt(9), 1 + random.NextInt(90));
            var mask = random.NextInt(2) == 0 ? null
                : Mask.Lengths([.. Enumerable.Range(0, batch).Select(_ => random.NextInt(patches + 1))], patches);
            var input = new FusionInput(Sessions.Random(batch, words, width, (ulong)draw),
                Sessions.Random(batch, patches, width, (ulong)draw + 1, mask));
            var session = InferenceSession.Compile(strategy, input,
                new SessionOptions { Absorption = absorption, Workers = Workers.Single });
            Sessions.SameAsEager(session, strategy, input);
        }
    }

    [Fact]
    public void What_is_saved_by_absorption_counts_the_widths_of_values_apart()
    {
        // Keys of one number a head, values of 64: only the values' projection is worth absorbing, and both would be by the keys' width
        // alone.
        var sizes = new AssociationSizes(1, 8, 512, 8, 1, 64, 64, false, false, false) { ValueDim = 64 };
        double Values(AssociationSizes s) => CostModel.Cost(Association.Keys, s,
            CostConstants.Narrow) - CostModel.Cost(Association.KeysAndValues, s, CostConstants.Narrow);
        Assert.True(Values(sizes) > 0);
        Assert.True(Values(sizes with { ValueDim = 1 }) < 0);
    }

    private sealed class Attending : FusionStrategy
    {
        private readonly MultiHeadAttention _attention;

        public Attending(AttentionOptions options, RandomSource random)
            : base(options.Width) => _attention = Add("attention", new MultiHeadAttention(options, random));

        protected override FusionOutput Fuse(FusionInput input, Pass pass)
        {
            var vision = input.JoinViews(pass);
            return new FusionOutput(new Tokens(_attention.Forward(input.Language.Values, vision.Values, vision.Values, vision.Mask, pass)));
        }
    }
}
