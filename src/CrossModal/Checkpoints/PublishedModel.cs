using CrossModal.Engine.Formats;
using CrossModal.Language;
using CrossModal.Layers;
using CrossModal.Models;
using CrossModal.Training;

namespace CrossModal.Checkpoints;

/// <summary>A published checkpoint, ready to be asked: CLIP, BLIP image–text matching, ViLT, LXMERT, the Q-Former of BLIP-2, or
/// BERT.</summary>
/// <param name="ModelType">What the configuration calls the kind: <c>clip</c>, <c>blip</c>, <c>vilt</c>, <c>lxmert</c>,
/// <c>blip_2_qformer</c>, <c>blip-2</c>, <c>bert</c>.</param>
/// <param name="Model">The module: <see cref="Clip"/>, <see cref="Blip"/>, <see cref="Vilt"/>, <see cref="Lxmert"/>,
/// <see cref="QFormer"/>, <see cref="Blip2Queries"/> or <see cref="Bert"/>. Its parameters ask for no gradients.</param>
/// <param name="Tokenizer">Numbers texts for it; null when the folder holds no tokenizer.</param>
/// <param name="Images">Prepares pictures for it; null when the folder does not say how.</param>
public sealed record PublishedModel(string ModelType, Module Model, SubwordTokenizer? Tokenizer, ImagePreprocessor? Images)
{
    private const string Config = "config.json";
    private const string Weights = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    private static readonly string[] TokenizerFiles = ["tokenizer.json", "vocab.txt", "vocab.json"];

    /// <summary>Reads a folder as it is published: <c>config.json</c>, <c>model.safetensors</c> in single or half precision (F32, F16,
    /// BF16), or several such files with <c>model.safetensors.index.json</c>, and, where there are, the tokenizer's files and
    /// <c>preprocessor_config.json</c> or <c>processor_config.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileFormatException">A file is missing or damaged, the kind is not one of those above, or tensors are missing,
    /// unexpected or of another shape; the message names the file and lists the tensors.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PublishedModel Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw new FileFormatException(folder, "there is no such folder");
        var path = Path.Combine(folder, Config);
        var config = ConfigFile.Bytes(path);
        var layout = PublishedLayout.Find(config, path);
        var tokenizer = TokenizerFiles.Any(f => File.Exists(Path.Combine(folder, f))) ? TokenizerFolder.Load(folder) : null;
        var images = ImagePreprocessor.Find(folder);
        var model = Read(folder, layout, config, path);
        if (tokenizer is not null && Words(model) is { } words && tokenizer.Count > words)
            throw new FileFormatException(path, $"the model knows {words} token numbers, the tokenizer has {tokenizer.Count}");
        return new PublishedModel(layout.ModelType, model, tokenizer, images);
    }

    /// <summary>Whether a folder holds a published checkpoint.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, Config));

    private static Module Read(string folder, PublishedLayout layout, byte[] config, string configPath)
    {
        var (weights, index) = (Path.Combine(folder, Weights), Path.Combine(folder, Index));
        if (File.Exists(weights))
        {
            using var file = SafeTensors.Open(weights);
            return Fill(file, layout, config, configPath);
        }

        if (File.Exists(index))
        {
            using var files = new SafeTensorsShards(index);
            return Fill(files, layout, config, configPath);
        }

        throw new FileFormatException(weights, Directory.EnumerateFiles(folder, "*.bin").Any()
            ? "is missing; weights in .bin files must be converted to safetensors" : "is missing");
    }

    private static Module Fill(ITensorSource tensors, PublishedLayout layout, byte[] config, string configPath)
    {
        var model = layout.Build(config, configPath, tensors);
        ModelFile.Load(tensors, model, layout.Names);

        // Inference needs no gradients of a hundred million weights.
        model.Freeze();
        return model;
    }

    private static int? Words(Module model) => model switch
    {
        Clip clip => clip.Config.TextConfig.VocabSize,
        Blip blip => blip.Config.TextConfig.VocabSize,
        Vilt vilt => vilt.Config.VocabSize,
        Lxmert lxmert => lxmert.Config.VocabSize,
        Bert bert => bert.Config.VocabSize,
        _ => null,
    };
}
