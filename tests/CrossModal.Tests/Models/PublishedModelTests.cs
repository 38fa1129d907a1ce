using System.Text.Json;
using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Models;

/// <summary>What the golden cases do not ask of the published models.</summary>
public sealed class PublishedModelTests
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly ClipConfig SmallClip = new()
    {
        ProjectionDim = 6,
        TextConfig = new ClipTextConfig
        {
            VocabSize = 20,
            MaxPositionEmbeddings = 8,
            HiddenSize = 8,
            NumAttentionHeads = 2,
            NumHiddenLayers = 1,
            IntermediateSize = 8,
            EosTokenId = 2
        },
        VisionConfig = new ClipVisionConfig
        {
            ImageSize = 8,
            PatchSize = 4,
            HiddenSize = 8,
            NumAttentionHeads = 2,
            NumHiddenLayers = 1,
            IntermediateSize = 8
        },
    };

    private static readonly ViltConfig SmallVilt = new()
    {
        VocabSize = 20,
        MaxPositionEmbeddings = 8,
        HiddenSize = 8,
        NumAttentionHeads = 2,
        NumHiddenLayers = 2,
        IntermediateSize = 8,
        ImageSize = 12,
        PatchSize = 4,
    };

    [Fact]
    public void Clip_takes_the_text_from_the_first_token_with_the_largest_number()
    {
        // Padding repeats the number that ends the text: what follows must not matter.
        var clip = new Clip(SmallClip, new RandomSource(1));
        using var pass = Pass.Evaluation();
        var text = clip.EncodeText(Tensor.From([3, 5, 19, 19, 19, 4, 9, 19], [2, 4]), null, pass);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(text.Tokens[0, 2, i], text.Pooled[0, i]);
            Assert.Equal(text.Tokens[1, 0, i], text.Pooled[1, i]);
        }

        var other = clip.EncodeText(Tensor.From([3, 5, 19, 2, 19, 1, 1, 1], [2, 4]), null, pass);
        Assert.Equal(text.Embedding.ToArray(), other.Embedding.ToArray());
    }

    // As the reference's source has it: 2 asks for the largest number; else the first place of the number, and the first token where it is
    // nowhere.
    [Theory]
    [InlineData(2, "7 3 19 2", 2)]
    [InlineData(2, "2 5 5 2", 1)]
    [InlineData(1, "0 19 4 1", 3)]
    [InlineData(1, "0 1 1 1", 1)]
    [InlineData(0, "19 7 0 0", 2)]
    [InlineData(18, "17 19 18 18", 2)]
    [InlineData(18, "17 3 19 19", 0)]
    [InlineData(49407, "3 19 4 5", 0)]
    public void Clip_takes_the_text_from_the_first_token_that_ends_it_by_the_rule_of_its_configuration(int end, string words, int at)
    {
        var clip = new Clip(SmallClip with { TextConfig = SmallClip.TextConfig with { EosTokenId = end } }, new RandomSource(1));
        using var pass = Pass.Evaluation();
        float[] numbers = [.. words.Split(' ').Select(float.Parse)];
        var text = clip.EncodeText(Tensor.From(numbers, [1, numbers.Length]), null, pass);
        for (var i = 0; i < 8; i++) Assert.Equal(text.Tokens[0, at, i], text.Pooled[0, i]);
    }

    [Fact]
    public void Vilt_without_a_pooler_gives_the_same_tokens_and_no_pooled_one()
    {
        var (with, without) = (new Vilt(SmallVilt, new RandomSource(1)), new Vilt(SmallVilt, new RandomSource(1), addPoolingLayer: false));
        Assert.Equal(with.ParameterCount - 8 * 8 - 8, without.ParameterCount);
        using var pass = Pass.Evaluation();
        var input = new ViltInput(Tensor.From([3, 4], [1, 2]), Tensor.Normal([1, 3, 8, 12], new RandomSource(2)));
        var output = without.Forward(input, pass);
        Assert.Null(output.Pooled);
        Assert.Equal(with.Forward(input, pass).Tokens.ToArray(), output.Tokens.ToArray());
    }

    [Fact]
    public void Clip_compares_any_number_of_texts_with_any_number_of_images_and_their_patches()
    {
        var clip = new Clip(SmallClip, new RandomSource(1));
        using var pass = Pass.Evaluation();
        var text = clip.EncodeText(Tensor.From([3, 5, 19, 1, 2, 18], [2, 3]), null, pass);
        var image = clip.EncodeImages(Tensor.Normal([3, 3, 8, 8], new RandomSource(2)), pass);
        Assert.Equal([2, 3], clip.LogitsPerText(text.Embedding, image.Embedding, pass).Shape);
        var patches = clip.Patches(image, pass);
        Assert.Equal([3, 4, 6], patches.Shape);
        Assert.Equal(new TokenGrid(2, 2), clip.Grid);
        Assert.Equal(1, patches.ToArray()[..6].Sum(x => x * x), 1e-5);
        var error = Assert.Throws<ShapeException>(() => clip.EncodeImages(Tensor.Zeros([1, 3, 8, 12]), pass));
        Assert.Equal("ImageEmbedding: needs images [B, C, 8, 8], got [1,3,8,12]", error.Message);
    }

    [Fact]
    public void Vilt_gives_an_image_padded_to_its_batch_what_it_gives_it_alone()
    {
        var vilt = new Vilt(SmallVilt, new RandomSource(1));
        using var pass = Pass.Evaluation();
        var (large, small) = (Tensor.Normal([1, 3, 12, 16], new RandomSource(2)), Tensor.Normal([1, 3, 8, 4], new RandomSource(3)));
        var (batch, mask) = (Tensor.Full([2, 3, 12, 16], 9), Tensor.Zeros([2, 12, 16]));
        large.Span.CopyTo(batch.Span);
        mask.Span[..(12 * 16)].Fill(1);
        for (var c = 0; c < 3; c++)
            for (var y = 0; y < 8; y++)
                for (var x = 0; x < 4; x++) (batch[1, c, y, x], mask[1, y, x]) = (small[0, c, y, x], 1);
        var words = Tensor.From([3, 5, 7, 3, 5, 7], [2, 3]);
        var together = vilt.Forward(new ViltInput(words, batch) { PixelMask = mask }, pass);
        var alone = vilt.Forward(new ViltInput(pass.Slice(words, 0, 1, 1), small), pass);
        Assert.Equal([new TokenGrid(3, 4), new TokenGrid(2, 1)], together.Grids);
        Assert.Equal([2, 3 + 1 + 12, 8], together.Tokens.Shape);
        Assert.Equal([1, 3 + 1 + 2, 8], alone.Tokens.Shape);
        for (var i = 0; i < alone.Tokens.Shape.Length; i++) Assert.Equal(alone.Tokens.Span[i], together.Tokens.Span[16 * 8 + i], 1e-5);
        for (var i = 0; i < 8; i++) Assert.Equal(alone.Pooled![0, i], together.Pooled![1, i], 1e-5);
    }

    [Fact]
    public void Vilt_refuses_real_pixels_that_are_no_rectangle_in_the_corner()
    {
        var vilt = new Vilt(SmallVilt, new RandomSource(1));
        using var pass = Pass.Evaluation();
        var (words, images) = (Tensor.From([3, 5], [1, 2]), Tensor.Zeros([1, 3, 8, 8]));
        foreach (var (y, x) in new[] { (0, 0), (4, 4), (7, 7) })
        {
            var mask = Tensor.Full([1, 8, 8], 1);
            for (var i = 0; i < 4; i++)
                for (var j = 0; j < 4; j++) mask[0, y / 4 * 4 + i, x / 4 * 4 + j] = 0;
            var error = Assert.Throws<ShapeException>(() => vilt.Forward(new ViltInput(words, images) { PixelMask = mask }, pass));
            Assert.Equal("Vilt: the real pixels of image 0 are no rectangle in the top left corner", error.Message);
        }

        Assert.Throws<ShapeException>(() => vilt.Forward(new ViltInput(words, images) { PixelMask = Tensor.Zeros([1, 8, 8]) }, pass));
        Assert.Equal("Vilt: the pixel mask is [1,4,4], expected [1,8,8]",
            Assert.Throws<ShapeException>(() => vilt.Forward(new ViltInput(words, images) { PixelMask = Tensor.Zeros([1, 4, 4]) },
                pass)).Message);
    }

    [Fact]
    public void A_q_former_reads_words_beside_its_queries_and_padding_changes_nothing()
    {
        var config = new Blip2Config
        {
            NumQueryTokens = 3,
            QformerConfig = new QFormerConfig
            {
                VocabSize = 20,
                MaxPositionEmbeddings = 8,
                HiddenSize = 8,
                NumAttentionHeads = 2,
                NumHiddenLayers = 3,
                IntermediateSize = 8,
                EncoderHiddenSize = 5,
                UseQformerTextInput = true,
            },
        };
        var model = new Blip2Queries(config, new RandomSource(1));
        using var pass = Pass.Evaluation();
        var image = new Tokens(Tensor.Normal([1, 4, 5], new RandomSource(2)));
        float[] With(float[] words, Mask? mask) =>
            model.Forward(image, Tensor.From(words, [1, words.Length]), mask, pass).Hidden[^1].ToArray();
        var read = With([3, 7], null);
        Assert.NotEqual(read, With([3, 8], null));
        foreach (var (a, b) in read.Zip(With([3, 7, 9, 9], Mask.KeyPadding(new[,] { { true, true, false, false } }))))
            Assert.Equal(a, b, 1e-5);

        var keys = Blip2Queries.Names.Entries(model).Select(e => e.Key).ToHashSet();
        string[] published =
        [
            "query_tokens", "embeddings.word_embeddings.weight", "qformer.layernorm.weight",
                "qformer.encoder.layer.0.crossattention.attention.key.weight",
            "qformer.encoder.layer.1.intermediate_query.dense.bias", "qformer.encoder.layer.1.output.LayerNorm.bias",
                "qformer.encoder.layer.2.attention.output.dense.weight",
        ];
        Assert.Empty(published.Except(keys));
        Assert.DoesNotContain(keys, k => k.Contains("layer.1.crossattention", StringComparison.Ordinal));
        var mute = new Blip2Queries(config with { QformerConfig = config.QformerConfig with { UseQformerTextInput = false } },
            new RandomSource(1));
        Assert.Throws<ShapeException>(() => mute.Forward(image, Tensor.From([3], [1, 1]), null, pass));
    }

    [Fact]
    public void Configurations_have_the_keys_of_published_files_and_their_defaults()
    {
        var clip = Read<ClipConfig>("""{"projection_dim": 768, "text_config": {"hidden_size": 768, "num_attention_heads": 12}, "vision_config": {"patch_size": 14, "hidden_act": "gelu"}}""");
        Assert.Equal((768, 768, 12, 77, 1e-5f),
            (clip.ProjectionDim, clip.TextConfig.HiddenSize, clip.TextConfig.NumAttentionHeads, clip.TextConfig.MaxPositionEmbeddings,
            clip.TextConfig.LayerNormEps));
        Assert.Equal((14, 224, "gelu", 768), (clip.VisionConfig.PatchSize, clip.VisionConfig.ImageSize, clip.VisionConfig.HiddenAct,
            clip.VisionConfig.HiddenSize));
        var blip = Read<BlipConfig>("""{"image_text_hidden_size": 128, "text_config": {"layer_norm_eps": 1e-11}, "vision_config": {"image_size": 224, "num_hidden_layers": 24}}""");
        Assert.Equal((128, 1e-11f, 30524, 224, 24, 16),
            (blip.ImageTextHiddenSize, blip.TextConfig.LayerNormEps, blip.TextConfig.VocabSize, blip.VisionConfig.ImageSize,
            blip.VisionConfig.NumHiddenLayers, blip.VisionConfig.PatchSize));
        var lxmert = Read<LxmertConfig>("""{"l_layers": 2, "r_layers": 3, "x_layers": 4, "visual_feat_dim": 7, "visual_pos_dim": 5, "type_vocab_size": 3}""");
        Assert.Equal((2, 3, 4, 7, 5, 3), (lxmert.LLayers, lxmert.RLayers, lxmert.XLayers, lxmert.VisualFeatDim, lxmert.VisualPosDim,
            lxmert.TypeVocabSize));
        var vilt = Read<ViltConfig>("""{"modality_type_vocab_size": 3, "num_channels": 1, "max_position_embeddings": 50}""");
        Assert.Equal((3, 1, 50, 384, 32), (vilt.ModalityTypeVocabSize, vilt.NumChannels, vilt.MaxPositionEmbeddings, vilt.ImageSize,
            vilt.PatchSize));
        var former = Read<Blip2Config>("""{"num_query_tokens": 16, "qformer_config": {"cross_attention_frequency": 3, "encoder_hidden_size": 9, "use_qformer_text_input": true}}""");
        Assert.Equal((16, 3, 9, true), (former.NumQueryTokens, former.QformerConfig.CrossAttentionFrequency,
            former.QformerConfig.EncoderHiddenSize, former.QformerConfig.UseQformerTextInput));
        var vilbert = Read<VilbertConfig>("""{"v_hidden_size": 9, "bi_num_attention_heads": 4, "v_biattention_id": [0], "t_biattention_id": [6]}""");
        Assert.Equal((9, 4, 0, 6), (vilbert.VHiddenSize, vilbert.BiNumAttentionHeads, vilbert.VBiattentionId.Single(),
            vilbert.TBiattentionId.Single()));

        static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Json)!;
    }

    [Fact]
    public void An_activation_that_is_not_known_is_answered_with_those_that_are()
    {
        var config = SmallVilt with { HiddenAct = "mish" };
        var error = Assert.Throws<ArgumentException>(() => new Vilt(config, RandomSource.None));
        Assert.StartsWith("no activation function is called 'mish'; there are: relu, gelu, gelu_new, ", error.Message);
    }
}
