using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Checkpoints;

/// <summary>Writes small checkpoints of random weights in the layout of published ones.</summary>
internal sealed record PublishedFolder(string Kind)
{
    public static readonly string[] Kinds = ["clip", "blip", "vilt", "lxmert", "blip_2_qformer", "blip-2", "bert"];

    public ElementType Type { get; init; } = ElementType.F32;

    /// <summary>Number of files the tensors are spread over.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Whether the tensors are those of a task's model: behind a prefix, with heads beside.</summary>
    public bool WithHeads { get; init; }

    /// <summary>The class the configuration names; null for the one that is usual.</summary>
    public string? Architecture { get; init; }

    /// <summary>Whether ViLT has a pooler.</summary>
    public bool Pooling { get; init; } = true;

    /// <summary>Keys of further tensors that the class has beside what is read.</summary>
    public string[] Beside { get; init; } = [];

    /// <summary>Whether BLIP-2 reads words beside its queries.</summary>
    public bool WithText { get; init; }

    /// <summary>Number of layers of a Q-Former.</summary>
    public int QueryLayers { get; init; } = 3;

    public ulong Seed { get; init; } = 1;

    /// <summary>Writes every file and returns the module the tensors were taken from.</summary>
    public Module Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var (module, names) = Make();
        var config = Config();
        if (Architecture is not null) config["architectures"] = new JsonArray(Architecture);
        if (WithText) config["qformer_config"]!["use_qformer_text_input"] = true;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        if (Preprocessing() is { } preprocessing) File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), preprocessing);
        foreach (var file in Kind == "clip" ? ["vocab.json", "merges.txt"] : Kind.StartsWith("blip", StringComparison.Ordinal)
            && Kind != "blip" ? [] : new[] { "vocab.txt" })
            File.Copy(Path.Combine(ReferenceFolders.Fixtures, "tokenizers", Kind == "clip" ? "clip" : "bert", file),
                Path.Combine(folder, file), overwrite: true);
        var tensors = Tensors(module, names).ToArray();
        if (Shards == 1)
        {
            SafeTensors.Write(Path.Combine(folder, "model.safetensors"), tensors, [KeyValuePair.Create("format", "pt")]);
            return module;
        }

        var map = new JsonObject();
        foreach (var (shard, part) in tensors.Chunk((tensors.Length + Shards - 1) / Shards).Index())
        {
            var file = $"model-{shard + 1:00000}-of-{Shards:00000}.safetensors";
            SafeTensors.Write(Path.Combine(folder, file), part, [KeyValuePair.Create("format", "pt")]);
            foreach (var (name, _) in part) map[name] = file;
        }

        var index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map };
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
        return module;
    }

    /// <summary>A number as it is stored.</summary>
    public float Stored(float value) => Type switch
    {
        ElementType.F16 => (float)(Half)value,
        ElementType.BF16 => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000),
        _ => value,
    };

    private (Module Module, CheckpointNames Names) Make()
    {
        var random = new RandomSource(Seed);
        return Kind switch
        {
            "clip" => (new Clip(new ClipConfig
            {
                ProjectionDim = 20,
                TextConfig = new ClipTextConfig
                {
                    VocabSize = 560,
                    HiddenSize = 32,
                    NumAttentionHeads = 4,
                    IntermediateSize = 48,
                    NumHiddenLayers = 2,
                    MaxPositionEmbeddings = 16,
                    EosTokenId = 557
                },
                VisionConfig = new ClipVisionConfig
                {
                    HiddenSize = 24,
                    NumAttentionHeads = 3,
                    IntermediateSize = 48,
                    NumHiddenLayers = 2,
                    ImageSize = 32,
                    PatchSize = 8
                },
            }, random), Clip.Names),
            "blip" => (new Blip(new BlipConfig
            {
                ImageTextHiddenSize = 16,
                TextConfig = new BlipTextConfig
                {
                    VocabSize = 220,
                    HiddenSize = 32,
                    NumAttentionHeads = 4,
                    IntermediateSize = 48,
                    NumHiddenLayers = 2,
                    MaxPositionEmbeddings = 20
                },
                VisionConfig = new BlipVisionConfig
                {
                    HiddenSize = 24,
                    NumAttentionHeads = 3,
                    IntermediateSize = 48,
                    NumHiddenLayers = 2,
                    ImageSize = 32,
                    PatchSize = 8
                },
            }, random), Blip.Names),
            "vilt" => (new Vilt(new ViltConfig
            {
                VocabSize = 220,
                HiddenSize = 32,
                NumAttentionHeads = 4,
                IntermediateSize = 48,
                NumHiddenLayers = 2,
                MaxPositionEmbeddings = 12,
                ImageSize = 32,
                PatchSize = 8
            }, random, Pooling), Vilt.Names),
            "lxmert" => (new Lxmert(new LxmertConfig
            {
                VocabSize = 220,
                HiddenSize = 32,
                NumAttentionHeads = 4,
                IntermediateSize = 48,
                MaxPositionEmbeddings = 20,
                LLayers = 2,
                RLayers = 1,
                XLayers = 2,
                VisualFeatDim = 12
            }, random), Lxmert.Names),
            "bert" => (new Bert(new BertModelConfig
            {
                VocabSize = 220,
                HiddenSize = 32,
                NumAttentionHeads = 4,
                IntermediateSize = 48,
                NumHiddenLayers = 2,
                MaxPositionEmbeddings = 96
            }, random), Bert.Names),
            "blip_2_qformer" => (new QFormer(Former, random), QFormer.Names),
            _ => (new Blip2Queries(new Blip2Config { NumQueryTokens = 5, QformerConfig = Former with { UseQformerTextInput = WithText } },
                random), Blip2Queries.Names),
        };
    }

    private QFormerConfig Former => new()
    {
        VocabSize = 30,
        HiddenSize = 32,
        NumAttentionHeads = 4,
        IntermediateSize = 48,
        NumHiddenLayers = QueryLayers,
        EncoderHiddenSize = 24
    };

    // As published files are: keys in another order than ours, and many that are of no concern.
    private JsonObject Config() => (JsonObject)JsonNode.Parse(Kind switch
    {
        "clip" => """
            {"_commit_hash": null, "architectures": ["CLIPModel"], "initializer_factor": 1.0, "logit_scale_init_value": 2.6592, "model_type": "clip", "projection_dim": 20,
             "text_config": {"attention_dropout": 0.0, "bos_token_id": 556, "eos_token_id": 557, "hidden_act": "quick_gelu", "hidden_size": 32, "intermediate_size": 48, "id2label": {"0": "LABEL_0"},
               "layer_norm_eps": 1e-05, "max_position_embeddings": 16, "model_type": "clip_text_model", "num_attention_heads": 4, "num_hidden_layers": 2, "task_specific_params": null, "vocab_size": 560},
             "text_config_dict": null,
             "vision_config": {"hidden_act": "quick_gelu", "hidden_size": 24, "image_size": 32, "intermediate_size": 48, "layer_norm_eps": 1e-05, "num_attention_heads": 3, "num_hidden_layers": 2, "patch_size": 8},
             "vision_config_dict": null, "torch_dtype": "float32"}
            """,
        "blip" => """
            {"architectures": ["BlipForImageTextRetrieval"], "image_text_hidden_size": 16, "model_type": "blip", "projection_dim": 512,
             "text_config": {"bos_token_id": 30522, "encoder_hidden_size": 24, "hidden_act": "gelu", "hidden_size": 32, "intermediate_size": 48, "layer_norm_eps": 1e-12, "max_position_embeddings": 20,
               "num_attention_heads": 4, "num_hidden_layers": 2, "vocab_size": 220},
             "vision_config": {"hidden_act": "gelu", "hidden_size": 24, "image_size": 32, "intermediate_size": 48, "layer_norm_eps": 1e-05, "num_attention_heads": 3, "num_hidden_layers": 2, "patch_size": 8}}
            """,
        "vilt" => """
            {"architectures": ["ViltForImageAndTextRetrieval"], "hidden_act": "gelu", "hidden_size": 32, "image_size": 32, "intermediate_size": 48, "layer_norm_eps": 1e-12, "max_image_length": -1,
             "max_position_embeddings": 12, "modality_type_vocab_size": 2, "model_type": "vilt", "num_attention_heads": 4, "num_hidden_layers": 2, "patch_size": 8, "qkv_bias": true, "type_vocab_size": 2, "vocab_size": 220}
            """,
        "lxmert" => """
            {"architectures": ["LxmertForPreTraining"], "hidden_act": "gelu", "hidden_size": 32, "intermediate_size": 48, "l_layers": 2, "max_position_embeddings": 20, "model_type": "lxmert", "num_attention_heads": 4,
             "num_hidden_layers": {"cross_encoder": 2, "language": 2, "vision": 1}, "r_layers": 1, "type_vocab_size": 2, "visual_feat_dim": 12, "visual_pos_dim": 4, "vocab_size": 220, "x_layers": 2}
            """,
        "bert" => """
            {"architectures": ["BertModel"], "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_size": 32, "intermediate_size": 48, "layer_norm_eps": 1e-12, "max_position_embeddings": 96,
             "model_type": "bert", "num_attention_heads": 4, "num_hidden_layers": 2, "type_vocab_size": 2, "vocab_size": 220}
            """,
        "blip_2_qformer" => $$"""
            {"architectures": ["Blip2QFormerModel"], "cross_attention_frequency": 2, "encoder_hidden_size": 24, "hidden_size": 32, "intermediate_size": 48, "model_type": "blip_2_qformer", "num_attention_heads": 4,
             "num_hidden_layers": {{QueryLayers}}, "vocab_size": 30}
            """,
        _ => $$"""
            {"architectures": ["Blip2ForConditionalGeneration"], "model_type": "blip-2", "num_query_tokens": 5, "text_config": {"model_type": "opt", "hidden_size": 2560}, "vision_config": {"hidden_size": 1408},
             "qformer_config": {"cross_attention_frequency": 2, "encoder_hidden_size": 24, "hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "num_hidden_layers": {{QueryLayers}}, "vocab_size": 30} }
            """,
    })!;

    private string? Preprocessing() => Kind switch
    {
        "clip" => """{"crop_size": 32, "do_center_crop": true, "do_normalize": true, "do_resize": true, "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 32}""",
        "blip" => """{"do_normalize": true, "do_rescale": true, "do_resize": true, "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_processor_type": "BlipImageProcessor", "image_std": [0.26862954, 0.26130258, 0.27577711], "processor_class": "BlipProcessor", "resample": 3, "rescale_factor": 0.00392156862745098, "size": {"height": 32, "width": 32}}""",
        "vilt" => """{"do_normalize": true, "do_resize": true, "feature_extractor_type": "ViltFeatureExtractor", "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3, "size": 32, "size_divisor": 8}""",
        _ => null,
    };

    private IEnumerable<KeyValuePair<string, StoredArray>> Tensors(Module module, CheckpointNames names)
    {
        var prefix = WithHeads ? names.Prefix : "";
        foreach (var parts in names.Entries(module).GroupBy(e => e.Key))
        {
            float[] values = [.. parts.OrderBy(p => p.Part).SelectMany(p => p.Parameter.ToArray())];
            yield return KeyValuePair.Create(prefix + parts.Key, Store(values, parts.First().KeyShape.Sizes.ToArray()));
        }

        if (Kind == "clip") yield return KeyValuePair.Create("text_model.embeddings.position_ids",
            StoredArray.From([.. Enumerable.Range(0, 16).Select(i => (long)i)], 1, 16));
        if (Kind == "blip-2")
            yield return KeyValuePair.Create("language_model.model.decoder.embed_tokens.weight", Store(new float[12], [3, 4]));
        foreach (var key in Beside) yield return KeyValuePair.Create(key, Store(new float[3], [3]));
        if (WithHeads) yield return KeyValuePair.Create("rank_output.weight", Store(new float[32], [1, 32]));
    }

    private StoredArray Store(float[] values, int[] shape) => Type switch
    {
        ElementType.F16 => new StoredArray(Type, shape, MemoryMarshal.AsBytes(Array.ConvertAll(values, v => (Half)v).AsSpan()).ToArray()),
        ElementType.BF16 => new StoredArray(Type, shape,
            MemoryMarshal.AsBytes(Array.ConvertAll(values, v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).AsSpan()).ToArray()),
        _ => StoredArray.From(values, shape),
    };
}
