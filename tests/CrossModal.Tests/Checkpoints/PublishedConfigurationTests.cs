using System.Text.Json.Nodes;
using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;
using CrossModal.Models;

namespace CrossModal.Tests.Checkpoints;

/// <summary>What the configurations of published checkpoints say, leave out or set to <c>null</c>.</summary>
public sealed class PublishedConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Every class that is listed, with its prefix and heads as transformers saves them.
    [Theory]
    [InlineData("CLIPModel", "clip", false, "vision_model.embeddings.position_ids")]
    [InlineData("BlipForImageTextRetrieval", "blip", false, "text_encoder.embeddings.position_ids")]
    [InlineData("ViltModel", "vilt", false, "embeddings.text_embeddings.position_ids")]
    [InlineData("ViltForImageAndTextRetrieval", "vilt", true, "rank_output.bias")]
    [InlineData("ViltForMaskedLM", "vilt", true,
        "mlm_score.transform.dense.weight mlm_score.transform.LayerNorm.weight mlm_score.decoder.weight mlm_score.bias")]
    [InlineData("ViltForQuestionAnswering", "vilt", true, "classifier.0.weight classifier.1.bias classifier.3.weight")]
    [InlineData("ViltForImagesAndTextClassification", "vilt", true, "classifier.0.weight classifier.1.bias classifier.3.weight")]
    [InlineData("ViltForTokenClassification", "vilt", true,
        "vilt.embeddings.text_embeddings.position_ids classifier.weight classifier.bias")]
    [InlineData("LxmertModel", "lxmert", false, "")]
    [InlineData("LxmertForPreTraining", "lxmert", true,
        "cls.predictions.bias cls.predictions.decoder.weight cls.seq_relationship.weight obj_predict_head.decoder_dict.obj.weight " +
        "answer_head.logit_fc.0.weight")]
    [InlineData("LxmertForQuestionAnswering", "lxmert", true, "answer_head.logit_fc.0.weight answer_head.logit_fc.2.bias")]
    [InlineData("Blip2QFormerModel", "blip_2_qformer", false, "")]
    [InlineData("Blip2Model", "blip-2", false, "vision_model.post_layernorm.weight language_projection.weight")]
    [InlineData("Blip2ForConditionalGeneration", "blip-2", false,
        "vision_model.post_layernorm.weight language_projection.weight language_model.lm_head.weight")]
    [InlineData("Blip2ForImageTextRetrieval", "blip-2", false,
        "vision_model.post_layernorm.weight vision_projection.weight text_projection.bias itm_head.weight")]
    [InlineData("BertModel", "bert", false, "embeddings.position_ids pooler.dense.weight pooler.dense.bias")]
    [InlineData("BertForMaskedLM", "bert", true, "cls.predictions.bias cls.predictions.decoder.weight")]
    public void A_class_that_is_listed_is_read_as_its_authors_save_it(string architecture, string kind, bool prefixed, string beside)
    {
        var labelsTokens = architecture == "ViltForTokenClassification";
        var written = new PublishedFolder(kind)
        {
            Architecture = architecture,
            WithHeads = prefixed,
            Beside = beside.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Pooling = !labelsTokens,
            WithText = architecture == "Blip2ForImageTextRetrieval",
        }.Write(_folder.Path);
        var read = PublishedModel.Load(_folder.Path);
        Assert.Equal(written.Parameters().Select(p => (p.Key, p.Value.Shape)), read.Model.Parameters().Select(p => (p.Key, p.Value.Shape)));
        Assert.All(written.Parameters().Zip(read.Model.Parameters()), p => Assert.Equal(p.First.Value.ToArray(), p.Second.Value.ToArray()));
        Assert.Equal(labelsTokens, !read.Model.Parameters().Any(p => p.Key.Contains("pooler", StringComparison.Ordinal)) && kind == "vilt");
    }

    [Fact]
    public void No_class_is_listed_that_the_test_of_classes_lacks()
    {
        var tested = typeof(PublishedConfigurationTests)
            .GetMethod(nameof(A_class_that_is_listed_is_read_as_its_authors_save_it))!.GetCustomAttributes(typeof(InlineDataAttribute),
            false).Cast<InlineDataAttribute>().Select(d => (string)d.GetData(null!).Single()[0]);
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
        { "clip", "config.json" }, { "clip", "preprocessor_config.json" }, { "clip", "tokenizer.json" },
            { "clip", "tokenizer_config.json" },
        { "blip", "config.json" }, { "blip", "preprocessor_config.json" }, { "blip", "tokenizer.json" },
            { "blip", "tokenizer_config.json" },
        { "vilt", "config.json" }, { "vilt", "preprocessor_config.json" }, { "lxmert", "config.json" }, { "blip_2_qformer", "config.json" },
            { "blip-2", "config.json" },
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
        JsonObject owner => owner.Take(40).SelectMany(p => p.Value is null ? [[p.Key]]
            : Paths(p.Value).Select(rest => (object[])[p.Key, .. rest]).Prepend([p.Key])),
        JsonArray list => list.Take(2).Index().SelectMany(p => p.Item is null ? [[p.Index]]
            : Paths(p.Item).Select(rest => (object[])[p.Index, .. rest]).Prepend([p.Index])),
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
        File.WriteAllText(_folder["processor_config.json"],
            new JsonObject { ["image_processor"] = own.DeepClone(), ["processor_class"] = "CLIPProcessor" }.ToJsonString());
        Assert.Equal(24, Side());
        File.Delete(_folder["preprocessor_config.json"]);
        Assert.Equal(24, Side());
        own["resample"] = 9;
        File.WriteAllText(_folder["processor_config.json"], new JsonObject { ["image_processor"] = own.DeepClone() }.ToJsonString());
        Assert.StartsWith(_folder["processor_config.json"] + ": 'resample' is 9", Refused());
        File.WriteAllText(_folder["processor_config.json"], """{"image_processor": []}""");
        Assert.Contains("'image_processor' in line 1 is not what belongs there", Refused());
        File.WriteAllText(_folder["processor_config.json"], """{"processor_class": "CLIPProcessor"}""");
        Assert.Null(PublishedModel.Load(_folder.Path).Images);

        int Side() => PublishedModel.Load(_folder.Path).Images!.Prepare(new RgbImage(40, 40)).Pixels.Shape[3];
    }

    [Fact]
    public void Damaged_json_is_named_with_its_place()
    {
        new PublishedFolder("clip").Write(_folder.Path);
        var config = File.ReadAllText(_folder["config.json"]);
        File.WriteAllText(_folder["config.json"], "{\"model_type\": \"clip\",\n\"a\" 7}");
        Assert.EndsWith("config.json: line 2, byte 5 is not JSON", Refused());
        File.WriteAllText(_folder["config.json"], config.TrimEnd()[..^1] + ",}");
        Assert.Contains("is not JSON", Refused());
        File.WriteAllText(_folder["config.json"], "\uFEFF" + config);
        PublishedModel.Load(_folder.Path);
    }

    private void Change(string file, Action<JsonObject> change)
    {
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(_folder[file]))!;
        change(json);
        File.WriteAllText(_folder[file], json.ToJsonString());
    }

    private string Refused() => Assert.Throws<FileFormatException>(() => PublishedModel.Load(_folder.Path)).Message;
}
