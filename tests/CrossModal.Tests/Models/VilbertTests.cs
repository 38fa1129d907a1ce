using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tests.Models;

public sealed class VilbertTests
{
    private const int Words = 4, Regions = 3;

    private static readonly VilbertConfig Config = new()
    {
        VocabSize = 11,
        MaxPositionEmbeddings = 6,
        HiddenSize = 8,
        NumAttentionHeads = 2,
        NumHiddenLayers = 3,
        IntermediateSize = 10,
        VFeatureSize = 5,
        VHiddenSize = 12,
        VNumAttentionHeads = 3,
        VNumHiddenLayers = 2,
        VIntermediateSize = 7,
        BiHiddenSize = 20,
        BiNumAttentionHeads = 5,
        TBiattentionId = [1, 2],
        VBiattentionId = [0, 1],
    };

    [Fact]
    public void It_computes_what_its_source_says_in_double_precision()
    {
        var model = new Vilbert(Config, new RandomSource(1));
        Shake(model);
        var (words, features, locations) = Inputs();
        bool[] realWords = [true, true, true, false], realRegions = [true, true, false];
        using var pass = Pass.Evaluation();
        var output = model.Forward(new VilbertInput(words, features, locations)
        {
            Segments = Tensor.From([0, 0, 1, 1], [1, Words]),
            WordMask = Mask.Allowed(realWords, [1, 1, 1, Words]),
            RegionMask = Mask.Allowed(realRegions, [1, 1, 1, Regions]),
        }, pass);

        // From the source's formulas, on the published names.
        var plain = new PlainVilbert(Vilbert.Names.Entries(model).ToDictionary(e => e.Key, e => e.Parameter));
        var text = plain.Text(words.ToArray(), [0, 0, 1, 1]);
        var vision = plain.Vision(Rows(features), Rows(locations));
        text = plain.Layer("encoder.layer.0", text, realWords, 2);
        (text, vision) = plain.Connection("encoder.c_layer.0", text, vision, realWords, realRegions, 5);
        text = plain.Layer("encoder.layer.1", text, realWords, 2);
        vision = plain.Layer("encoder.v_layer.0", vision, realRegions, 3);
        (text, vision) = plain.Connection("encoder.c_layer.1", text, vision, realWords, realRegions, 5);
        vision = plain.Layer("encoder.v_layer.1", vision, realRegions, 3);
        text = plain.Layer("encoder.layer.2", text, realWords, 2);
        Close(text.SelectMany(x => x), output.Language);
        Close(vision.SelectMany(x => x), output.Vision);
        Close(plain.Linear("t_pooler.dense", text[0]).Select(x => Math.Max(x, 0)), output.PooledLanguage);
        Close(plain.Linear("v_pooler.dense", vision[0]).Select(x => Math.Max(x, 0)), output.PooledVision);
    }

    [Fact]
    public void The_names_of_a_co_attention_layer_are_the_published_ones()
    {
        string[] linear = ["biattention.query1", "biattention.key1", "biattention.value1", "biattention.query2", "biattention.key2",
            "biattention.value2",
            "biOutput.dense1", "biOutput.LayerNorm1", "biOutput.dense2", "biOutput.LayerNorm2", "v_intermediate.dense", "v_output.dense",
            "v_output.LayerNorm", "t_intermediate.dense", "t_output.dense", "t_output.LayerNorm"];
        var keys = Vilbert.Names.Entries(new Vilbert(Config, RandomSource.None)).Select(e => e.Key)
            .Where(k => k.StartsWith("encoder.c_layer.1.", StringComparison.Ordinal));
        Assert.Equal(linear.SelectMany(l => new[] { $"encoder.c_layer.1.{l}.weight", $"encoder.c_layer.1.{l}.bias" }).Order(),
            keys.Order());
    }

    [Fact]
    public void Rounds_that_cannot_be_are_refused()
    {
        Refused(Config with { TBiattentionId = [1] }, "Vilbert: 2 places of co-attention in vision, 1 in the words");
        Refused(Config with { TBiattentionId = [2, 1] }, "Vilbert: t_biattention_id [2,1] does not rise within 3 layers");
        Refused(Config with { VBiattentionId = [0, 3] }, "Vilbert: v_biattention_id [0,3] does not rise within 2 layers");
        Refused(Config with { BiNumAttentionHeads = 3 }, "Vilbert: 3 heads do not divide bi_hidden_size 20");

        static void Refused(VilbertConfig config, string message) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => new Vilbert(config, RandomSource.None)).Message);
    }

    /// <summary>Biases and scales away from their first 0 and 1, so that each of them matters.</summary>
    private static void Shake(Vilbert model)
    {
        var random = new RandomSource(2);
        foreach (var (_, parameter) in model.Parameters())
            foreach (ref var x in parameter.Span) x += 0.3f * random.NextGaussian();
    }

    private static (Tensor Words, Tensor Features, Tensor Locations) Inputs()
    {
        var random = new RandomSource(3);
        return (Tensor.From([3, 7, 1, 10], [1, Words]), Tensor.Normal([1, Regions, Config.VFeatureSize], random),
            Tensor.Uniform([1, Regions, 5], random, 0, 1));
    }

    private static double[][] Rows(Tensor tensor) => [.. tensor.ToArray().Select(x => (double)x).Chunk(tensor.Shape[2])];

    private static void Close(IEnumerable<double> expected, Tensor actual)
    {
        Assert.Equal(expected.Count(), actual.Shape.Length);
        foreach (var (e, a) in expected.Zip(actual.ToArray())) Assert.Equal(e, a, 2e-5);
    }
}
