using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Checkpoints;

/// <summary>One kind of published checkpoint: what its configuration says, and the module its tensors are loaded into.</summary>
/// <param name="ModelType">The configuration's <c>model_type</c>.</param>
/// <param name="Architectures">The <c>architectures</c> whose checkpoints hold everything the module needs.</param>
/// <param name="Names">What the checkpoint calls the parameters.</param>
/// <param name="Build">Makes the module of a configuration: its bytes, its file's name, the tensors it must fit.</param>
internal sealed record PublishedLayout(
    string ModelType, IReadOnlyList<string> Architectures, CheckpointNames Names, Func<byte[], string, ITensorSource, Module> Build)
{
    private const int LargestSize = 1 << 24;

    /// <summary>All kinds; of those of one <c>model_type</c>, the first is for configurations that name no architecture.</summary>
    public static IReadOnlyList<PublishedLayout> All { get; } =
    [
        Of<ClipConfig>("clip", ["CLIPModel"], Clip.Names, c =>
            [(c.TextConfig, c.TextConfig.NumHiddenLayers), (c.VisionConfig, c.VisionConfig.NumHiddenLayers)], c =>
            new Clip(c, RandomSource.None)),
        Of<BlipConfig>("blip", ["BlipForImageTextRetrieval"], Blip.Names, c =>
            [(c.TextConfig, c.TextConfig.NumHiddenLayers), (c.VisionConfig, c.VisionConfig.NumHiddenLayers)], c =>
            new Blip(c, RandomSource.None)),
        Of<ViltConfig>("vilt", ["ViltModel", "ViltForImageAndTextRetrieval", "ViltForMaskedLM", "ViltForQuestionAnswering",
            "ViltForImagesAndTextClassification"],
            Vilt.Names, c => [(c, c.NumHiddenLayers)], c => new Vilt(c, RandomSource.None)),
        Of<ViltConfig>("vilt", ["ViltForTokenClassification"], Vilt.Names, c => [(c, c.NumHiddenLayers)], c =>
            new Vilt(c, RandomSource.None, addPoolingLayer: false)),
        Of<LxmertConfig>("lxmert", ["LxmertModel", "LxmertForPreTraining", "LxmertForQuestionAnswering"], Lxmert.Names, c =>
            [(c, c.LLayers + c.RLayers + c.XLayers)], c => new Lxmert(c, RandomSource.None)),
        Of<QFormerConfig>("blip_2_qformer", ["Blip2QFormerModel"], QFormer.Names, c => [(c, c.NumHiddenLayers)], c =>
            new QFormer(c, RandomSource.None)),
        Of<Blip2Config>("blip-2", ["Blip2Model", "Blip2ForConditionalGeneration", "Blip2ForImageTextRetrieval"], Blip2Queries.Names, c =>
            [(c.QformerConfig, c.QformerConfig.NumHiddenLayers)], c => new Blip2Queries(c, RandomSource.None)),
        Of<BertModelConfig>("bert", ["BertModel", "BertForMaskedLM"], Bert.Names, c => [(c, c.NumHiddenLayers)], c =>
            new Bert(c, RandomSource.None)),
    ];

    /// <summary>The kind a configuration says it is of.</summary>
    /// <exception cref="FileFormatException">It is of none of them; the message lists them.</exception>
    public static PublishedLayout Find(byte[] config, string name)
    {
        var kind = ConfigFile.Parse<PublishedKind>(config, name);
        var layouts = All.Where(l => l.ModelType == kind.ModelType).ToList();
        if (layouts.Count == 0)
            throw new FileFormatException(name,
                $"the model_type {(kind.ModelType is null ? "is missing" : $"{FileFormatException.Quote(kind.ModelType)} is not read")}; there are: {string.Join(", ", All.Select(l => l.ModelType).Distinct())}");
        if (kind.Architectures is not { Length: > 0 } given) return layouts[0];
        return layouts.Find(l => given.Any(l.Architectures.Contains))
            ?? throw new FileFormatException(name,
                $"of the model_type '{kind.ModelType}' the architectures {string.Join(", ", layouts.SelectMany(l => l.Architectures))} are read, not {string.Join(", ", given.Take(4).Select(g => FileFormatException.Quote(g ?? "null")))}");
    }

    private static PublishedLayout Of<TConfig>(string modelType, string[] architectures, CheckpointNames names,
        Func<TConfig, (EncoderConfig Config, int Layers)[]> towers, Func<TConfig, Module> build) where TConfig : class =>
        new(modelType, architectures, names, (bytes, name, tensors) =>
        {
            var config = ConfigFile.Parse<TConfig>(bytes, name);
            CheckNumbers(config, "", name);
            CheckMemory(towers(config), name, tensors);
            try
            {
                return build(config);
            }
            catch (ArgumentException e)
            {
                throw new FileFormatException(name, e.Message, e);
            }
        });

    /// <summary>Makes sure that every size is one: a damaged or hostile file must not be able to ask for any amount of memory.</summary>
    private static void CheckNumbers(object config, string prefix, string file)
    {
        foreach (var (name, value) in ConfigFile.Values(config))
        {
            var key = prefix + name;
            switch (value)
            {
                case int size when size > LargestSize || size < (key.EndsWith("_layers", StringComparison.Ordinal)
                    || key.EndsWith("_id", StringComparison.Ordinal) ? 0 : 1):
                    throw new FileFormatException(file,
                        $"'{key}' is {size}, which is no {(key.EndsWith("_id", StringComparison.Ordinal) ? "token number" : "size")}");
                case float number when !float.IsFinite(number):
                    throw new FileFormatException(file, $"'{key}' is {number}");
                case object part when part.GetType().Namespace == typeof(EncoderConfig).Namespace && part != config:
                    CheckNumbers(part, $"{key}.", file);
                    break;
            }
        }
    }

    /// <summary>Makes sure that the tensors hold as many numbers as the layers of such sizes have at least, before any layer is
    /// made.</summary>
    private static void CheckMemory((EncoderConfig Config, int Layers)[] towers, string name, ITensorSource tensors)
    {
        var there = tensors.Names.Sum(tensors.CountOf);
        var needed = towers.Sum(t => t.Layers * (4.0 * t.Config.HiddenSize * t.Config.HiddenSize
            + 2.0 * t.Config.HiddenSize * t.Config.IntermediateSize) + 2.0 * t.Config.HiddenSize);
        if (needed > there) throw new FileFormatException(name,
            $"a model of these sizes has at least {needed:0} parameters, the tensors have {there:0}");
        if (towers.Any(t => t.Layers > tensors.Names.Count))
            throw new FileFormatException(name, $"there are more layers than tensors ({tensors.Names.Count})");
    }
}
