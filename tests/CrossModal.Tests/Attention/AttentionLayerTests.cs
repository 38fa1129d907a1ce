using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Tests.Attention;

/// <summary>Multi-head attention and the transformer layers: masks, padding, traces, errors.</summary>
public sealed class AttentionLayerTests
{
    private const int B = 2, Nq = 4, Nk = 7, D = 12, H = 3;

    /// <summary>Each layer as a function of queries, keys and a mask over keys.</summary>
    private static readonly Dictionary<string, Func<RandomSource, (Module Module,
        Func<Tensor, Tensor, Mask?, Pass, Tensor> Forward)>> Layers = new()
        {
            ["attention"] = random => Make(new MultiHeadAttention(D, H, random), (m, q, k, mask, pass) => m.Forward(q, k, k, mask, pass)),
            ["attention without biases"] = random =>
                Make(new MultiHeadAttention(new AttentionOptions(D, H) { Biases = AttentionBiases.None }, random), (m, q, k, mask, pass) =>
                    m.Forward(q, k, k, mask, pass)),
            ["attention, heads that do not divide the width"] = random => Make(
                new MultiHeadAttention(new AttentionOptions(D, 5)
                {
                    Widths = new AttentionWidths { Head = 3, ValueHead = 7 },
                    Biases = AttentionBiases.Output
                }, random),
                (m, q, k, mask, pass) => m.Forward(q, k, k, mask, pass)),
            ["attention, wide heads of narrow values"] = random => Make(
                new MultiHeadAttention(new AttentionOptions(D, 2) { Widths = new AttentionWidths { Head = 9, ValueHead = 2 } }, random),
                (m, q, k, mask, pass) => m.Forward(q, k, k, mask, pass)),
            ["decoder, before"] = random => Make(new TransformerDecoder(2, Options(NormPlacement.Before), random, finalNorm: true),
                (m, q, k, mask, pass) => m.Forward(q, k, null, mask, pass)),
            ["decoder, after"] = random => Make(new TransformerDecoderLayer(Options(NormPlacement.After), random),
                (m, q, k, mask, pass) => m.Forward(q, k, null, mask, pass)),
            ["encoder, before"] = random => Make(new TransformerEncoder(2, Options(NormPlacement.Before), random),
                (m, _, k, mask, pass) => ZeroHidden(m.Forward(k, mask, pass), mask, pass)),
            ["encoder, after"] = random => Make(new TransformerEncoderLayer(Options(NormPlacement.After), random),
                (m, _, k, mask, pass) => ZeroHidden(m.Forward(k, mask, pass), mask, pass)),
        };

    public static TheoryData<string> Names => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_stands_in_the_padding_changes_nothing(string name)
    {
        var mask = Mask.Lengths([5, 2], Nk);
        var (first, second) = (Run(name, mask, garbage: 1), Run(name, mask, garbage: 2));
        Assert.Equal(first.Result.ToArray(), second.Result.ToArray());
        Assert.Equal(first.QueryGradient.ToArray(), second.QueryGradient.ToArray());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Padding_gets_exactly_no_gradient_and_no_attention(string name)
    {
        int[] lengths = [5, 0];
        var run = Run(name, Mask.Lengths(lengths, Nk), garbage: 1);
        Assert.All(run.Result.ToArray().Concat(run.KeyGradient.ToArray()).Concat(run.QueryGradient.ToArray()), v =>
            Assert.True(float.IsFinite(v)));
        for (var b = 0; b < B; b++)
            for (var j = lengths[b]; j < Nk; j++)
                for (var c = 0; c < D; c++) Assert.Equal(0, run.KeyGradient[b, j, c]);
        Assert.Contains(run.KeyGradient.ToArray(), v => v != 0);
        foreach (var (_, weights) in run.Trace.Entries.Where(e => e.Value.Shape[3] == Nk))
        {
            for (var row = 0; row < weights.Shape.Length / Nk; row++)
            {
                var length = lengths[row / (weights.Shape.Length / Nk / B)];
                var values = weights.Span.Slice(row * Nk, Nk);
                Assert.Equal(length == 0 ? 0 : 1, values[..length].ToArray().Sum(), 1e-5);
                Assert.All(values[length..].ToArray(), v => Assert.Equal(0, v));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_of_keys_does_not_matter(string name)
    {
        if (name.StartsWith("encoder", StringComparison.Ordinal)) return;
        var (module, forward) = Layers[name](new RandomSource(1));
        var (query, key) = (Tensor.Normal([B, Nq, D], new RandomSource(2)), Tensor.Normal([B, Nk, D], new RandomSource(3)));
        using var pass = Pass.Evaluation();
        var reversed = pass.Concat(1, [.. Enumerable.Range(0, Nk).Select(j => pass.Slice(key, 1, Nk - 1 - j, 1))]);
        var (plain, other) = (forward(query, key, null, pass), forward(query, reversed, null, pass));
        for (var i = 0; i < plain.Shape.Length; i++) Assert.Equal(plain.Span[i], other.Span[i], 1e-5);
        Assert.NotEmpty(module.Parameters());
    }

    [Fact]
    public void A_query_that_may_attend_to_nothing_gives_the_bias_of_the_output_projection()
    {
        var attention = new MultiHeadAttention(D, H, new RandomSource(1));
        var bias = attention.Parameters().Single(p => p.Key == "out_proj.bias").Value;
        for (var i = 0; i < D; i++) bias.Span[i] = i;
        using var pass = Pass.Evaluation();
        var x = Tensor.Normal([1, Nk, D], new RandomSource(2));
        var result = attention.Forward(Tensor.Normal([1, 1, D], new RandomSource(3)), x, x, Mask.Lengths([0], Nk), pass);
        Assert.Equal(bias.ToArray(), result.ToArray());
    }

    [Fact]
    public void Causal_attention_does_not_attend_to_what_comes_later()
    {
        var attention = new MultiHeadAttention(D, H, new RandomSource(1));
        var (first, second) = (Tensor.Normal([1, Nk, D], new RandomSource(2)), Tensor.Normal([1, Nk, D], new RandomSource(2)));
        second.Span[(3 * D)..].Fill(50);
        using var pass = Pass.Evaluation();
        var (a, b) = (attention.Forward(first, first, first, Mask.Causal(Nk), pass),
            attention.Forward(second, second, second, Mask.Causal(Nk), pass));
        Assert.Equal(a.Span[..(3 * D)].ToArray(), b.Span[..(3 * D)].ToArray());
        Assert.NotEqual(a.Span[(3 * D)..].ToArray(), b.Span[(3 * D)..].ToArray());
    }

    [Fact]
    public void Masks_say_true_for_may_be_attended_and_their_kinds_agree()
    {
        bool[,] real = { { true, false, true }, { false, false, true } };
        bool[,] ignored = { { false, true, false }, { true, true, false } };
        Assert.Equal(Mask.KeyPadding(real).Scores.ToArray(), Mask.FromIgnored(ignored).Scores.ToArray());
        Assert.Equal([0, float.NegativeInfinity, 0, float.NegativeInfinity, float.NegativeInfinity, 0],
            Mask.KeyPadding(real).Scores.ToArray());
        Assert.Equal(Mask.Lengths([2, 0], 3).Scores.ToArray(),
            Mask.KeyPadding(new[,] { { true, true, false }, { false, false, false } }).Scores.ToArray());
        using var pass = Pass.Evaluation();
        Assert.Equal([1, 0, 1, 0, 0, 1], Mask.KeyPadding(real).Presence(pass).ToArray());
        Assert.Equal("Mask: scores contain NaN",
            Assert.Throws<ShapeException>(() => Mask.Additive(Tensor.Full([2, 2], float.NaN))).Message);
        Assert.Equal("Mask: length 4 of sample 1 is not in 0 … 3", Assert.Throws<ShapeException>(() => Mask.Lengths([2, 4], 3)).Message);
    }

    [Fact]
    public void Heads_that_do_not_divide_the_width_are_refused()
    {
        Assert.Equal("MultiHeadAttention: 5 heads do not divide a width of 12",
            Assert.Throws<ShapeException>(() => new MultiHeadAttention(12, 5, new RandomSource(1))).Message);
    }

    [Fact]
    public void Widths_and_biases_are_those_that_were_chosen()
    {
        var attention = new MultiHeadAttention(new AttentionOptions(10, 4)
        {
            Widths = new AttentionWidths { Key = 6, Value = 7, Head = 3, ValueHead = 5 },
            Biases = AttentionBiases.Value | AttentionBiases.Output,
            Appended = AppendedKeys.Learned,
        }, new RandomSource(1));
        Assert.Equal(
            ["bias_k [1,1,12]", "bias_v [1,1,20]", "q_proj.weight [12,10]", "k_proj.weight [12,6]", "v_proj.weight [20,7]",
                "v_proj.bias [20]",
                "out_proj.weight [10,20]", "out_proj.bias [10]"],
            attention.Parameters().Select(p => $"{p.Key} {p.Value.Shape}"));
        Assert.Equal("MultiHeadAttention: a width of 10 and 4 heads of a width of 0 are not all positive", Assert.Throws<ShapeException>(
            () => new MultiHeadAttention(new AttentionOptions(10, 4) { Widths = new AttentionWidths { Head = 0 } },
                new RandomSource(1))).Message);
    }

    private static TransformerOptions Options(NormPlacement norm) => new(D, H, 20) { Norm = norm };

    private static (Module, Func<Tensor, Tensor, Mask?, Pass, Tensor>) Make<T>(T module,
        Func<T, Tensor, Tensor, Mask?, Pass, Tensor> forward)
        where T : Module => (module, (q, k, mask, pass) => forward(module, q, k, mask, pass));

    /// <summary>An encoder's padding comes out as something; nobody reads it.</summary>
    private static Tensor ZeroHidden(Tensor x, Mask? mask, Pass pass) => mask is null ? x : pass.Multiply(x, mask.Presence(pass));

    private static (Tensor Result, Tensor QueryGradient, Tensor KeyGradient, AttentionTrace Trace) Run(string name, Mask mask,
        ulong garbage)
    {
        var (_, forward) = Layers[name](new RandomSource(1));
        var key = Tensor.Normal([B, Nk, D], new RandomSource(3));
        var hidden = Tensor.Uniform(key.Shape, new RandomSource(50 + garbage), -1000, 1000);
        for (var i = 0; i < B * Nk; i++)
            if (float.IsNegativeInfinity(mask.Scores.Span[i])) hidden.Span.Slice(i * D, D).CopyTo(key.Span[(i * D)..]);
        var trace = new AttentionTrace();
        var pool = new TensorPool(poison: true);
        (Tensor, Tensor, Tensor, AttentionTrace) run;
        using (var pass = Pass.Recording(trace, pool: pool))
        {
            var (q, k) = (pass.Differentiable(Tensor.Normal([B, Nq, D], new RandomSource(2))), pass.Differentiable(key));
            var result = forward(q, k, mask, pass);
            using var gradients = pass.Backward(pass.Sum(pass.Multiply(result, Tensor.Normal(result.Shape, new RandomSource(4)))));
            run = (result.Copy(), gradients.TryGet(q, out var g) ? g.Copy() : Tensor.Zeros(q.Shape), gradients[k].Copy(), trace);
        }

        Assert.Equal(0, pool.Outstanding);
        return run;
    }
}
