using System.Text.Json.Nodes;
using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Models;
using CrossModal.Tests.Training;

namespace CrossModal.Tests.Checkpoints;

public sealed class PublishedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, ElementType, int> Layouts()
    {
        var layouts = new TheoryData<string, ElementType, int>();
        foreach (var kind in PublishedFolder.Kinds)
            foreach (var (type, shards) in new[] { (ElementType.F32, 1), (ElementType.F16, 1), (ElementType.BF16, 3) }) layouts.Add(kind, type, shards);
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

    [FullGoldenTheory("hf_clip")]
    [InlineData("hf_clip/model_b3_t7", "clip", """{"model_type": "clip", "projection_dim": 20, "text_config": {"vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 16}, "vision_config": {"hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 48, "num_hidden_layers": 2, "image_size": 16, "patch_size": 4}}""")]
    [InlineData("hf_blip/itm_b2_t7", "blip", """{"model_type": "blip", "image_text_hidden_size": 16, "text_config": {"vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 16}, "vision_config": {"hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 48, "num_hidden_layers": 2, "image_size": 16, "patch_size": 4}}""")]
    [InlineData("hf_vilt/model_b2_t6", "vilt", """{"model_type": "vilt", "vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 2, "max_position_embeddings": 16, "image_size": 16, "patch_size": 4}""")]
    [InlineData("hf_lxmert/model_b2_t7_v6", "lxmert", """{"model_type": "lxmert", "vocab_size": 40, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": {"vision": 1}, "l_layers": 2, "r_layers": 1, "x_layers": 2, "visual_feat_dim": 12, "max_position_embeddings": 16}""")]
    [InlineData("hf_qformer/qformer_b2_q5_v9", "blip_2_qformer", """{"model_type": "blip_2_qformer", "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 48, "num_hidden_layers": 3, "encoder_hidden_size": 24, "cross_attention_frequency": 2}""")]
    public void The_parameters_of_the_public_implementation_are_read_under_their_names(string golden, string kind, string config)
    {
        var file = Path.Combine(ReferenceFolders.Golden, golden + ".safetensors");
        const string Parameter = "param/";
        var parameters = SafeTensors.Read(file).Tensors.Where(t => t.Key.StartsWith(Parameter, StringComparison.Ordinal)).ToDictionary(t => t.Key[Parameter.Length..], t => t.Value);
        var json = (JsonObject)JsonNode.Parse(config)!;
        foreach (var owner in new[] { json, json["text_config"] })
            if (owner?["max_position_embeddings"] is not null)
                owner["max_position_embeddings"] = parameters.First(p => p.Key.Contains("position_embedding", StringComparison.Ordinal) && !p.Key.Contains("vision", StringComparison.Ordinal) && p.Value.Shape.Length == 2).Value.Shape[0];
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
    [InlineData("model_type", "\"bert\"", "the model_type 'bert' is not read; there are: clip, blip, vilt, lxmert, blip_2_qformer, blip-2")]
    [InlineData("architectures", "[\"BlipForConditionalGeneration\"]", "of the model_type 'blip' the architectures BlipForImageTextRetrieval are read, not 'BlipForConditionalGeneration'")]
    [InlineData("text_config", "{\"hidden_size\": \"wide\"}", "is not a configuration that can be read: 'text_config.hidden_size' is of another kind than it should be")]
    [InlineData("text_config", "7", "is not a configuration that can be read: 'text_config' is of another kind than it should be")]
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

    // Every class that is listed, with its prefix and heads as transformers saves them.
    [Theory]
    [InlineData("CLIPModel", "clip", false, "vision_model.embeddings.position_ids")]
    [InlineData("BlipForImageTextRetrieval", "blip", false, "text_encoder.embeddings.position_ids")]
    [InlineData("ViltModel", "vilt", false, "embeddings.text_embeddings.position_ids")]
    [InlineData("ViltForImageAndTextRetrieval", "vilt", true, "rank_output.bias")]
    [InlineData("ViltForMaskedLM", "vilt", true, "mlm_score.transform.dense.weight mlm_score.transform.LayerNorm.weight mlm_score.decoder.weight mlm_score.bias")]
    [InlineData("ViltForQuestionAnswering", "vilt", true, "classifier.0.weight classifier.1.bias classifier.3.weight")]
    [InlineData("ViltForImagesAndTextClassification", "vilt", true, "classifier.0.weight classifier.1.bias classifier.3.weight")]
    [InlineData("ViltForTokenClassification", "vilt", true, "vilt.embeddings.text_embeddings.position_ids classifier.weight classifier.bias")]
    [InlineData("LxmertModel", "lxmert", false, "")]
    [InlineData("LxmertForPreTraining", "lxmert", true, "cls.predictions.bias cls.predictions.decoder.weight cls.seq_relationship.weight obj_predict_head.decoder_dict.obj.weight answer_head.logit_fc.0.weight")]
    [InlineData("LxmertForQuestionAnswering", "lxmert", true, "answer_head.logit_fc.0.weight answer_head.logit_fc.2.bias")]
    [InlineData("Blip2QFormerModel", "blip_2_qformer", false, "")]
    [InlineData("Blip2Model", "blip-2", false, "vision_model.post_layernorm.weight language_projection.weight")]
    [InlineData("Blip2ForConditionalGeneration", "blip-2", false, "vision_model.post_layernorm.weight language_projection.weight language_model.lm_head.weight")]
    [InlineData("Blip2ForImageTextRetrieval", "blip-2", false, "vision_model.post_layernorm.weight vision_projection.weight text_projection.bias itm_head.weight")]
    public void A_class_that_is_listed_is_read_as_its_authors_save_it(string architecture, string kind, bool prefixed, string beside)
    {
        var labelsTokens = architecture == "ViltForTokenClassification";
        var written = new PublishedFolder(kind)
        {
            Architecture = architecture, WithHeads = prefixed, Beside = beside.Split(' ', StringSplitOptions.RemoveEmptyEntries), Pooling = !labelsTokens, WithText = architecture == "Blip2ForImageTextRetrieval",
        }.Write(_folder.Path);
        var read = PublishedModel.Load(_folder.Path);
        Assert.Equal(written.Parameters().Select(p => (p.Key, p.Value.Shape)), read.Model.Parameters().Select(p => (p.Key, p.Value.Shape)));
        Assert.All(written.Parameters().Zip(read.Model.Parameters()), p => Assert.Equal(p.First.Value.ToArray(), p.Second.Value.ToArray()));
        Assert.Equal(labelsTokens, !read.Model.Parameters().Any(p => p.Key.Contains("pooler", StringComparison.Ordinal)) && kind == "vilt");
    }

    [Fact]
    public void No_class_is_listed_that_the_test_of_classes_lacks()
    {
        var tested = typeof(PublishedModelTests).GetMethod(nameof(A_class_that_is_listed_is_read_as_its_authors_save_it))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(d => (string)d.GetData(null!).Single()[0]);
        Assert.Equal(PublishedLayout.All.SelectMany(l => l.Architectures).Order(), tested.Order());
    }

    [Theory]
    [InlineData("ViltModel", false, "missing 'pooler.dense.weight' [32,32]")]
    [InlineData("ViltForTokenClassification", true, "unexpected 'pooler.dense.weight'")]
    public void A_pooler_that_the_class_has_or_lacks_is_asked_for(string architecture, bool pooling, string problem)
    {
        new PublishedFolder("vilt") { Architecture = architecture, Pooling = pooling }.Write(_folder.Path);
        Assert.Contains(problem, Refused());
    }

    [Theory]
    [InlineData("{\"eos_token_id\": null}", 49407)]
    [InlineData("{\"eos_token_id\": 0}", 0)]
    [InlineData("{\"eos_token_id\": 2}", 2)]
    [InlineData("{}", 557)]
    public void The_token_that_ends_a_text_is_the_configurations(string changes, int expected)
    {
        new PublishedFolder("clip").Write(_folder.Path);
        Change("config.json", config =>
        {
            foreach (var (key, value) in (JsonObject)JsonNode.Parse(changes)!) config["text_config"]![key] = value?.DeepClone();
        });
        Assert.Equal(expected, ((Clip)PublishedModel.Load(_folder.Path).Model).Config.TextConfig.EosTokenId);
    }

    public static TheoryData<string, string> Files() => new()
    {
        { "clip", "config.json" }, { "clip", "preprocessor_config.json" }, { "clip", "tokenizer.json" }, { "clip", "tokenizer_config.json" },
        { "blip", "config.json" }, { "blip", "preprocessor_config.json" }, { "blip", "tokenizer.json" }, { "blip", "tokenizer_config.json" },
        { "vilt", "config.json" }, { "vilt", "preprocessor_config.json" }, { "lxmert", "config.json" }, { "blip_2_qformer", "config.json" }, { "blip-2", "config.json" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_null_anywhere_is_a_default_or_one_clear_line(string kind, string file)
    {
        new PublishedFolder(kind).Write(_folder.Path);
        var source = Path.Combine(ReferenceFolders.Fixtures, "tokenizers", kind == "clip" ? "clip" : "bert", file);
        if (File.Exists(source)) File.Copy(source, _folder[file]);
        PublishedModel.Load(_folder.Path);
        var whole = JsonNode.Parse(File.ReadAllText(_folder[file]))!;
        foreach (var path in Paths(whole))
        {
            var changed = whole.DeepClone();
            var owner = path.SkipLast(1).Aggregate(changed, (node, step) => step is int index ? node[index]! : node[(string)step]!);
            if (path[^1] is int place) owner[place] = null;
            else owner[(string)path[^1]] = null;
            File.WriteAllText(_folder[file], changed.ToJsonString());
            try
            {
                PublishedModel.Load(_folder.Path);
            }
            catch (FileFormatException e)
            {
                Assert.DoesNotMatch("System\\.|JSON value|JsonElement|operation requires|dictionary|nullable", e.Message);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    /// <summary>Every place in a JSON text, of a list its first two; of a vocabulary's pieces the first ones.</summary>
    private static IEnumerable<object[]> Paths(JsonNode node) => node switch
    {
        JsonObject owner => owner.Take(40).SelectMany(p => p.Value is null ? [[p.Key]] : Paths(p.Value).Select(rest => (object[])[p.Key, .. rest]).Prepend([p.Key])),
        JsonArray list => list.Take(2).Index().SelectMany(p => p.Item is null ? [[p.Index]] : Paths(p.Item).Select(rest => (object[])[p.Index, .. rest]).Prepend([p.Index])),
        _ => [],
    };

    [Fact]
    public void How_pictures_are_prepared_is_read_from_the_common_file_first()
    {
        new PublishedFolder("clip").Write(_folder.Path);
        var own = JsonNode.Parse(File.ReadAllText(_folder["preprocessor_config.json"]))!;

        // An older common file says nothing of pictures.
        File.WriteAllText(_folder["processor_config.json"], """{"processor_class": "CLIPProcessor"}""");
        Assert.Equal(32, Side());
        File.WriteAllText(_folder["processor_config.json"], """{"processor_class": "CLIPProcessor", "image_processor": null}""");
        Assert.Equal(32, Side());
        own["crop_size"] = 24;
        File.WriteAllText(_folder["processor_config.json"], new JsonObject { ["image_processor"] = own.DeepClone(), ["processor_class"] = "CLIPProcessor" }.ToJsonString());
        Assert.Equal(24, Side());
        File.Delete(_folder["preprocessor_config.json"]);
        Assert.Equal(24, Side());
        own["resample"] = 9;
        File.WriteAllText(_folder["processor_config.json"], new JsonObject { ["image_processor"] = own.DeepClone() }.ToJsonString());
        Assert.StartsWith(_folder["processor_config.json"] + ": 'resample' is 9", Refused());
        File.WriteAllText(_folder["processor_config.json"], """{"image_processor": []}""");
        Assert.Contains("'image_processor' is of another kind than it should be", Refused());
        File.WriteAllText(_folder["processor_config.json"], """{"processor_class": "CLIPProcessor"}""");
        Assert.Null(PublishedModel.Load(_folder.Path).Images);

        int Side() => PublishedModel.Load(_folder.Path).Images!.Prepare(new CrossModal.Imaging.RgbImage(40, 40)).Pixels.Shape[3];
    }

    [Fact]
    public void Damaged_json_is_named_with_its_place()
    {
        new PublishedFolder("clip").Write(_folder.Path);
        var config = File.ReadAllText(_folder["config.json"]);
        File.WriteAllText(_folder["config.json"], "{\"model_type\": \"clip\",\n\"a\" 7}");
        Assert.EndsWith("config.json: is not JSON, in line 2 after 4 bytes", Refused());
        File.WriteAllText(_folder["config.json"], config.TrimEnd()[..^1] + ",}");
        Assert.Contains("is not JSON", Refused());
        File.WriteAllText(_folder["config.json"], "\uFEFF" + config);
        PublishedModel.Load(_folder.Path);
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
    [InlineData("\"../model-00001-of-00002.safetensors\"", "'../model-00001-of-00002.safetensors' is not the name of a file beside the index")]
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

    private void Change(string file, Action<JsonObject> change)
    {
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder[file]))!;
        change(json);
        File.WriteAllText(_folder[file], json.ToJsonString());
    }

    private string Refused() => Assert.Throws<FileFormatException>(() => PublishedModel.Load(_folder.Path)).Message;
}
