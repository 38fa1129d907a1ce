using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Models;

namespace CrossModal.Tests.Models;

public sealed class FlamingoTests
{
    private static readonly FlamingoOptions Options =
        new(8, 5, new ResamplerOptions(6, Latents: 3, Depth: 2) { Heads = 2, HeadWidth = 5, Media = 4, Frames = 2 })
        {
            EveryLayers = 2,
            Heads = 2,
            HeadWidth = 3,
            Hidden = 12,
        };

    [Fact]
    public void With_closed_gates_the_language_model_computes_what_it_did()
    {
        var model = new Flamingo(Options, new RandomSource(1));
        using var pass = Pass.Evaluation();
        var text = Tensor.Normal([2, 4, 8], new RandomSource(2));
        var layers = new List<int>();
        var result = model.Forward(text, Media(), new bool[2, 4], (i, x) => Count(layers, i, x, pass), pass);
        Assert.Equal([0, 1, 2, 3, 4], layers);
        Assert.Equal(pass.Scale(text, 32).ToArray(), result.ToArray());
    }

    [Fact]
    public void Words_attend_to_the_medium_before_them_and_no_other()
    {
        var model = new Flamingo(Options, new RandomSource(1));
        foreach (var (name, parameter) in model.Parameters())
            if (name.EndsWith("gate", StringComparison.Ordinal)) parameter.Span.Fill(0.7f);
        bool[,] locations = { { false, true, false, true }, { true, false, false, false } };
        var plain = Run(Media());

        // The second medium of the first sample stands at its last word; the second sample has one medium only.
        var other = Media();
        other.Span.Slice(2 * 5 * 6, 2 * 5 * 6).Fill(3);
        var changed = Run(other);
        for (var i = 0; i < 2 * 4; i++) Assert.Equal(i != 3, plain.Span.Slice(i * 8, 8).SequenceEqual(changed.Span.Slice(i * 8, 8)));

        Tensor Run(Tensor media)
        {
            using var pass = Pass.Evaluation();
            return model.Forward(Tensor.Normal([2, 4, 8], new RandomSource(2)), media, locations, (_, x) => x, pass).Copy();
        }
    }

    [Fact]
    public void Names_are_those_of_open_flamingo()
    {
        var model = new Flamingo(Options, new RandomSource(1));
        var names = model.OpenFlamingoNames();
        var keys = names.Entries(model).Select(e => $"{e.Key} {e.KeyShape}").Distinct().ToList();
        Assert.Contains("perceiver.media_time_embs [4,1,6]", keys);
        Assert.Contains("perceiver.layers.1.0.to_kv.weight [20,6]", keys);
        Assert.Contains("perceiver.layers.0.1.3.weight [6,24]", keys);
        Assert.Contains("lang_encoder.gated_cross_attn_layers.3.attn.to_kv.weight [12,6]", keys);
        Assert.Contains("lang_encoder.gated_cross_attn_layers.1.ff.0.bias [8]", keys);
        Assert.Equal(["1", "3"], keys.Where(k => k.Contains("attn_gate", StringComparison.Ordinal)).Select(k => k.Split('.')[2]));
    }

    [Theory]
    [InlineData(nameof(MediaAttention.Immediate), "000111", "000000", "111000", "000111")]
    [InlineData(nameof(MediaAttention.AllPrevious), "111111", "000000", "111000", "111111")]
    public void The_mask_tells_which_media_a_word_may_attend_to(string name, string following, params string[] words)
    {
        var attention = Enum.Parse<MediaAttention>(name);
        bool[,] locations = { { false, true, true } };
        Assert.Equal(string.Concat(words), Allowed(MediaMask.Of(locations, media: 2, tokens: 3, attention)));
        Assert.Equal(following + following, Allowed(MediaMask.Following(locations, words: 2, media: 2, tokens: 3, attention)));

        // A location for which there is no medium.
        bool[,] more = { { true, true, true } };
        Assert.Equal(attention == MediaAttention.Immediate ? "10" + "01" + "00" : "10" + "11" + "11",
            Allowed(MediaMask.Of(more, media: 2, tokens: 1, attention)));
    }

    [Fact]
    public void Queries_that_attend_uniformly_get_the_mean_and_no_gradient_to_scores()
    {
        var mask = CrossModal.Attention.Mask.Allowed(new[,] { { false, false, false }, { true, false, true } })
            .Uniform(new[,] { { true, false } });
        Assert.Equal([0, 0, 0, 0, float.NegativeInfinity, 0], mask.Scores.ToArray());
        var attention = new CrossModal.Attention.MultiHeadAttention(4, 2, new RandomSource(1));
        var trace = new AttentionTrace();
        using var pass = Pass.Recording(trace);
        var query = pass.Differentiable(Tensor.Normal([1, 2, 4], new RandomSource(2)));
        var key = Tensor.Normal([1, 3, 4], new RandomSource(3));
        using var gradients = pass.Backward(pass.Sum(pass.Square(attention.Forward(query, key, key, mask, pass))));
        Assert.All(Enumerable.Range(0, 3), j => Assert.Equal(1 / 3f, trace.Entries[0].Value[0, 0, 0, j], 6));
        Assert.All(gradients[query].ToArray()[..4], g => Assert.Equal(0, g));
        Assert.Contains(gradients[query].ToArray()[4..], g => g != 0);
    }

    private static Tensor Media() => Tensor.Normal([2, 2, 2, 5, 6], new RandomSource(4));

    private static Tensor Count(List<int> layers, int layer, Tensor x, Pass pass)
    {
        layers.Add(layer);
        return pass.Scale(x, 2);
    }

    private static string Allowed(CrossModal.Attention.Mask mask) => string.Concat(mask.Scores.ToArray().Select(s => s == 0 ? '1' : '0'));
}
