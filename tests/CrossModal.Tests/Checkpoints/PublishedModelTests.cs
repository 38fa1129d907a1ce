using System.Text.Json.Nodes;
using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Checkpoints;

public sealed class PublishedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, ElementType, int> Layouts()
    {
        var layouts = new TheoryData<string, ElementType, int>();
        foreach (var kind in PublishedFolder.Kinds)
            foreach (var (type, shards) in new[] { (ElementType.F32, 1), (ElementType.F16, 1), (ElementType.BF16, 3) })
                layouts.Add(kind, type, shards);
        return layouts;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_kind_is_read_in_every_precision_whole_and_in_shards(string kind, ElementType type, int shards)
    {
        var writer = new PublishedFolder(kind) { Type = type, Shards = shards, WithHeads = kind is "vilt" or "lxmert" };
        var written = writer.Write(_folder.Path);
        var read = PublishedModel.Load(_folder.Path);
        Assert.Equal(kind, read.ModelType);
        Assert.Equal(written.GetType(), read.Model.GetType());
        foreach (var (a, b) in written.Parameters().Zip(read.Model.Parameters()))
        {
            Assert.Equal(a.Key, b.Key);
            Assert.Equal(Array.ConvertAll(a.Value.ToArray(), writer.Stored), b.Value.ToArray());
            Assert.False(b.Value.RequiresGradient);
        }

        Assert.Equal(kind is "blip_2_qformer" or "blip-2", read.Tokenizer is null);
        Assert.Equal(kind is "clip" or "blip" or "vilt", read.Images is not null);
    }

    [Theory]
    [InlineData("hf_clip/model_b3_t7", "clip", """{"model_type": "clip", "projection_dim": 20, "text_config": {"vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 16}, "vision_config": {"hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 48, "num_hidden_layers": 2, "image_size": 16, "patch_size": 4}}""")]
    [InlineData("hf_blip/itm_b2_t7", "blip", """{"model_type": "blip", "image_text_hidden_size": 16, "text_config": {"vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 16}, "vision_config": {"hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 48, "num_hidden_layers": 2, "image_size": 16, "patch_size": 4}}""")]
    [InlineData("hf_vilt/model_masked_b2_t7_pixelmask", "vilt", """{"model_type": "vilt", "vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 16, "image_size": 16, "patch_size": 4}""")]
    [InlineData("hf_lxmert/model_masked_b2_t8_v9", "lxmert", """{"model_type": "lxmert", "vocab_size": 40, "hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 40, "num_hidden_layers": {"vision": 2}, "l_layers": 1, "r_layers": 2, "x_layers": 2, "visual_feat_dim": 12, "max_position_embeddings": 16}""")]
    [InlineData("hf_qformer/qformer_masked_b2_q4_v7_freq1", "blip_2_qformer", """{"model_type": "blip_2_qformer", "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "encoder_hidden_size": 24, "cross_attention_frequency": 1}""")]
    public void The_parameters_of_the_public_implementation_are_read_under_their_names(string golden, string kind, string config)
    {
        var file = Path.Combine(ReferenceFolders.Fixtures, "golden", golden + ".safetensors");
        const string Parameter = "param/";
        var parameters = SafeTensors.Read(file).Tensors.Where(t => t.Key.StartsWith(Parameter, StringComparison.Ordinal))
            .ToDictionary(t => t.Key[Parameter.Length..], t => t.Value);
        var json = (JsonObject)JsonNode.Parse(config)!;
        foreach (var owner in new[] { json, json["text_config"] })
            if (owner?["max_position_embeddings"] is not null)
                owner["max_position_embeddings"] = parameters.First(p => p.Key.Contains("position_embedding", StringComparison.Ordinal)
                    && !p.Key.Contains("vision", StringComparison.Ordinal) && p.Value.Shape.Length == 2).Value.Shape[0];
        File.WriteAllText(_folder["config.json"], json.ToJsonString());
        SafeTensors.Write(_folder["model.safetensors"], parameters);
        var read = PublishedModel.Load(_folder.Path);
        Assert.Equal(kind, read.ModelType);
        Assert.Equal(parameters.Values.Sum(p => (long)p.Count), read.Model.ParameterCount);
    }

    [Fact]
    public void Missing_unexpected_and_wrongly_shaped_tensors_are_listed_in_one_error()
    {
        new PublishedFolder("blip").Write(_folder.Path);
        var tensors = SafeTensors.Read(_folder["model.safetensors"]).Tensors.ToDictionary();
        tensors.Remove("itm_head.weight");
        tensors.Remove("text_encoder.encoder.layer.1.crossattention.self.key.bias");
        tensors["text_decoder.cls.bias"] = StoredArray.From([1f], 1);
        tensors["vision_model.post_layernorm.weight"] = StoredArray.From(new float[25], 25);
        SafeTensors.Write(_folder["model.safetensors"], tensors);
        var error = Refused();
        Assert.StartsWith(_folder["model.safetensors"], error);
        Assert.Contains("missing 'itm_head.weight' [2,32]", error);
        Assert.Contains("missing 'text_encoder.encoder.layer.1.crossattention.self.key.bias' [32]", error);
        Assert.Contains("unexpected 'text_decoder.cls.bias'", error);
        Assert.Contains("'vision_model.post_layernorm.weight' is [25], expected [24]", error);
    }

    [Theory]
    [InlineData("model_type", "\"gpt2\"",
        "the model_type 'gpt2' is not read; there are: clip, blip, vilt, lxmert, blip_2_qformer, blip-2, bert")]
    [InlineData("architectures", "[\"BlipForConditionalGeneration\"]",
        "of the model_type 'blip' the architectures BlipForImageTextRetrieval are read, not 'BlipForConditionalGeneration'")]
    [InlineData("text_config", "{\"hidden_size\": \"wide\"}", "'text_config.hidden_size' in line 1 is not what belongs there")]
    [InlineData("text_config", "7", "'text_config' in line 1 is not what belongs there")]
    [InlineData("text_config", "null", "the tensors have")]
    [InlineData("text_config", "{\"hidden_size\": null}", "the tensors have")]
    [InlineData("text_config", "{\"num_hidden_layers\": -1}", "'text_config.num_hidden_layers' is -1, which is no size")]
    [InlineData("vision_config", "{\"patch_size\": 0}", "'vision_config.patch_size' is 0, which is no size")]
    [InlineData("text_config", "{\"hidden_size\": 100000, \"num_attention_heads\": 1}", "the tensors have")]
    [InlineData("text_config", "{\"num_hidden_layers\": 2000000}", "the tensors have")]
    [InlineData("text_config", "{\"hidden_act\": \"magic\"}", "magic")]
    public void A_configuration_that_is_wrong_or_hostile_is_refused_before_memory_is_taken(string key, string value, string problem)
    {
        new PublishedFolder("blip").Write(_folder.Path);
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!;
        if (JsonNode.Parse(value) is JsonObject changes)
            foreach (var (name, change) in changes) config[key]![name] = change?.DeepClone();
        else config[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder["config.json"], config.ToJsonString());
        Refused();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Refused();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.StartsWith(_folder["config.json"], error);
        Assert.Contains(problem, error);
    }

    [Fact]
    public void What_a_folder_lacks_is_named()
    {
        Assert.EndsWith("there is no such folder", Assert.Throws<FileFormatException>(() => PublishedModel.Load(_folder["none"])).Message);
        Assert.EndsWith("config.json: is missing", Refused());
        new PublishedFolder("clip").Write(_folder.Path);
        File.Delete(_folder["model.safetensors"]);
        Assert.EndsWith("model.safetensors: is missing", Refused());
        File.WriteAllText(_folder["pytorch_model.bin"], "");
        Assert.EndsWith("weights in .bin files must be converted to safetensors", Refused());
    }

    [Fact]
    public void A_tokenizer_with_more_numbers_than_the_model_knows_is_refused()
    {
        new PublishedFolder("vilt").Write(_folder.Path);
        File.AppendAllLines(_folder["vocab.txt"], Enumerable.Range(0, 300).Select(i => $"word{i}"));
        Assert.Contains("the model knows 220 token numbers, the tokenizer has ", Refused());
    }

    [Theory]
    [InlineData("\"../model-00001-of-00002.safetensors\"",
        "'../model-00001-of-00002.safetensors' is not the name of a file beside the index")]
    [InlineData("\"model-00009-of-00002.safetensors\"", "model-00009-of-00002.safetensors: is missing; the index names it")]
    [InlineData("\"model-00002-of-00002.safetensors\"", "the tensor 'logit_scale' is not in model-00002-of-00002.safetensors")]
    [InlineData("7", "'weight_map' holds something that is not a file's name")]
    public void An_index_that_does_not_fit_its_files_is_named(string file, string problem)
    {
        new PublishedFolder("clip") { Shards = 2 }.Write(_folder.Path);
        var index = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder["model.safetensors.index.json"]))!;
        index["weight_map"]!["logit_scale"] = JsonNode.Parse(file);
        File.WriteAllText(_folder["model.safetensors.index.json"], index.ToJsonString());
        Assert.Contains(problem, Refused());
    }

    [Fact]
    public void A_tensor_in_two_files_is_named()
    {
        new PublishedFolder("clip") { Shards = 2 }.Write(_folder.Path);
        File.Copy(_folder["model-00001-of-00002.safetensors"], _folder["model-00002-of-00002.safetensors"], overwrite: true);
        Assert.Contains("is in model-00002-of-00002.safetensors and in another file", Refused());
    }

    private string Refused() => Assert.Throws<FileFormatException>(() => PublishedModel.Load(_folder.Path)).Message;
}
