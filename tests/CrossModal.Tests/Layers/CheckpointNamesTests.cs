using CrossModal.Attention;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Layers;

public sealed class CheckpointNamesTests
{
    private static readonly CheckpointNames Names =
        new(("layers.*.norm1", "h.*.ln_1"), ("layers", "h"), ("self_attn.out_proj", "self_attn.proj"), ("feed_forward", "mlp"))
        {
            Fused = [("self_attn.qkv", ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"])],
            Ignored = ["position_ids", "head.decoder"],
            Prefix = "model.",
        };

    [Fact]
    public void Rules_rename_whole_segments_and_keep_what_a_star_stands_for()
    {
        var keys = Names.Entries(Encoder()).Select(e => e.Key).Distinct().ToList();
        Assert.Equal(
        [
            "h.0.self_attn.qkv.weight", "h.0.self_attn.qkv.bias", "h.0.self_attn.proj.weight", "h.0.self_attn.proj.bias",
                "h.0.mlp.fc1.weight",
            "h.0.mlp.fc1.bias", "h.0.mlp.fc2.weight", "h.0.mlp.fc2.bias", "h.0.ln_1.weight", "h.0.ln_1.bias", "h.0.norm2.weight",
                "h.0.norm2.bias",
            "h.1.self_attn.qkv.weight",
        ], keys[..13]);
    }

    [Fact]
    public void A_fused_tensor_is_cut_into_the_projections_it_holds()
    {
        var (encoder, published) = (Encoder(), Published(""));
        Load(encoder, published);
        var parameters = encoder.Parameters().ToDictionary();
        var rows = published["h.1.self_attn.qkv.weight"].ToArray();
        Assert.Equal(rows[..16], parameters["layers.1.self_attn.q_proj.weight"].ToArray());
        Assert.Equal(rows[16..32], parameters["layers.1.self_attn.k_proj.weight"].ToArray());
        Assert.Equal(rows[32..], parameters["layers.1.self_attn.v_proj.weight"].ToArray());
    }

    [Fact]
    public void A_part_of_a_larger_model_is_found_under_its_prefix_and_other_parts_do_not_matter()
    {
        var (plain, prefixed) = (Encoder(1), Encoder(2));
        Load(plain, Published(""));
        var published = Published("model.");
        published["classifier.weight"] = Tensor.Zeros([3, 4]);
        published["model.position_ids"] = Tensor.Zeros([1, 9]);
        published["model.head.decoder.weight"] = Tensor.Zeros([2]);
        Load(prefixed, published);
        foreach (var (a, b) in plain.Parameters().Zip(prefixed.Parameters())) Assert.Equal(a.Value.ToArray(), b.Value.ToArray());
    }

    [Fact]
    public void Leading_axes_of_one_do_not_matter()
    {
        var published = Published("");
        published["h.0.ln_1.weight"] = Tensor.Full([1, 1, 4], 7);
        var encoder = Encoder();
        Load(encoder, published);
        Assert.Equal([7, 7, 7, 7], encoder.Parameters().ToDictionary()["layers.0.norm1.weight"].ToArray());
    }

    [Fact]
    public void Everything_that_does_not_match_is_listed_under_the_published_names_and_nothing_changes()
    {
        var published = Published("model.");
        published.Remove("model.h.0.ln_1.bias");
        published["model.h.0.self_attn.qkv.weight"] = Tensor.Zeros([8, 4]);
        published["model.h.2.ln_1.bias"] = Tensor.Zeros([4]);
        var encoder = Encoder();
        var before = encoder.Parameters().Select(p => p.Value.ToArray()).ToList();
        var error = Assert.Throws<FileFormatException>(() => Load(encoder, published));
        Assert.EndsWith("TransformerEncoder: parameters do not match: 'model.h.0.self_attn.qkv.weight' is [8,4], expected [12,4]; "
            + "missing 'model.h.0.ln_1.bias' [4]; unexpected 'model.h.2.ln_1.bias'", error.Message);
        Assert.Equal(before, encoder.Parameters().Select(p => p.Value.ToArray()));
    }

    [Fact]
    public void A_number_that_is_not_finite_is_named_by_its_published_key()
    {
        var published = Published("");
        published["h.1.self_attn.qkv.bias"].Span[11] = float.NaN;
        var error = Assert.Throws<FileFormatException>(() => Load(Encoder(), published));
        Assert.EndsWith("'h.1.self_attn.qkv.bias' [12] holds a number that is not finite", error.Message);
    }

    private static TransformerEncoder Encoder(ulong seed = 1) => new(2, new TransformerOptions(4, 2, 8), new RandomSource(seed));

    /// <summary>Random numbers under the published names.</summary>
    private static Dictionary<string, Tensor> Published(string prefix)
    {
        var random = new RandomSource(5);
        return Names.Entries(Encoder()).GroupBy(e => e.Key)
            .ToDictionary(g => prefix + g.Key, g => Tensor.Normal(g.First().KeyShape, random));
    }

    private static void Load(Module module, Dictionary<string, Tensor> published)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.safetensors");
        SafeTensors.Write(path, published.Select(p => KeyValuePair.Create(p.Key, p.Value.ToStored())));
        ModelFile.Load(path, module, Names);
    }
}
