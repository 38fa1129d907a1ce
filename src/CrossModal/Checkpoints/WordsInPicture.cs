using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Models;

namespace CrossModal.Checkpoints;

/// <summary>Where a published model finds each word of a text in a picture.</summary>
/// <param name="Words">The words as the model reads them.</param>
/// <param name="Unknown">Those its vocabulary lacks.</param>
/// <param name="Dropped">How many pieces at the text's end the model had no room for.</param>
/// <param name="Maps">What is known of where they are: a map for each layer, or a single one.</param>
/// <param name="Prepared">The pixels the model receives, and the part of the picture they come from.</param>
/// <param name="Score">What the number says, and the number: how well text and picture fit; null when the model does not judge
/// that.</param>
public sealed record WordsInPicture(
    IReadOnlyList<string> Words, IReadOnlyList<string> Unknown, int Dropped, IReadOnlyList<WordMap> Maps, PreparedPicture Prepared,
        (string Meaning, double Value)? Score)
{
    /// <summary>What follows the name of a layer when its weights are those that spoke for "the text belongs to the picture".</summary>
    public const string GradientWeighted = " × gradient";

    /// <summary>The name of CLIP's map.</summary>
    public const string Similarity = "patch-text similarity";

    /// <summary>What CLIP's map of the whole text is called among the words.</summary>
    public const string WholeText = "(whole text)";

    /// <summary>Computes the map of each word of a text over a picture.</summary>
    /// <remarks>
    /// BLIP: the cross-attention of every layer, and the same weighted by the gradient of the score of "matches"
    /// (<see cref="AttentionGradient.Weighted"/>), each word's summing to 1 (the last layer has no such form: the score is read from the
    /// first token). ViLT: what words attend among the patches in every layer. CLIP: a softmax over the patches of the model's own logits
    /// between each patch and each word read alone, and the whole text; CLIP was never trained to be read so. A word of several pieces has
    /// the mean of theirs.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="picture">The picture, read with <see cref="RgbConversion.Pillow"/>.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">The model cannot be asked this, lacks a file it takes, or the text has no word.</exception>
    public static WordsInPicture Explain(PublishedModel model, RgbImage picture, string text)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        Func<SubwordTokenizer, PreparedPicture, WordsInPicture> explain = model.Model switch
        {
            Clip clip => (tokenizer, prepared) => Explain(clip, tokenizer, prepared, text),
            Blip blip => (tokenizer, prepared) => Explain(blip, tokenizer, prepared, text),
            Vilt vilt => (tokenizer, prepared) => Explain(vilt, tokenizer, prepared, text),
            Lxmert => throw new ArgumentException(
                "LXMERT takes features and boxes of regions that a detector found, not pixels: it cannot be asked about a photograph alone"),
            Bert => throw new ArgumentException("a checkpoint of the kind 'bert' encodes texts and takes no picture"),
            _ => throw new ArgumentException(
                $"a checkpoint of the kind '{model.ModelType}' holds queries that read no words of their own: there is no map for each word"),
        };
        var tokenizer = model.Tokenizer ?? throw new ArgumentException(
            "the checkpoint's folder holds no tokenizer (tokenizer.json, vocab.txt, or vocab.json with merges.txt)");
        var images = model.Images
            ?? throw new ArgumentException(
            "the checkpoint's folder does not say how pictures are prepared (preprocessor_config.json or processor_config.json)");
        return explain(tokenizer, images.Prepare(picture));
    }

    private static WordsInPicture Explain(Blip model, SubwordTokenizer tokenizer, PreparedPicture prepared, string text)
    {
        var read = Read(tokenizer, text, model.Config.TextConfig.MaxPositionEmbeddings);
        Tensor states;
        using (var encoding = Pass.Evaluation()) states = model.EncodeImages(prepared.Pixels, encoding).Copy();
        using var pass = Pass.Recording(new AttentionTrace());
        var match = model.Match(Ids(read), null, pass.Differentiable(states), pass);
        var matches = pass.Reshape(pass.Slice(match.Logits, 1, 1, 1), Shape.Scalar);
        var maps = new List<WordMap>();
        foreach (var layer in AttentionGradients.Of(pass, matches, name => name.Contains("cross_attn", StringComparison.Ordinal)))
        {
            // The class token stands before the patches.
            maps.Add(WordMap.Of(layer.Layer, model.Grid, OfWords(layer.Weights, read, 1, model.Grid.Count)));
            var weighted = OfWords(layer.Weighted(), read, 1, model.Grid.Count);

            // The decision is read from the first token: in the last layer it owes nothing to what other words fetch.
            if (!weighted.Span.ContainsAnyExcept(0)) continue;
            ShareOut(weighted);
            maps.Add(WordMap.Of(layer.Layer + GradientWeighted, model.Grid, weighted));
        }

        return Result(tokenizer, read, maps, prepared,
            ("probability that the text belongs to the picture", 1 / (1 + Math.Exp(match.Logits[0, 0] - match.Logits[0, 1]))));
    }

    private static WordsInPicture Explain(Vilt model, SubwordTokenizer tokenizer, PreparedPicture prepared, string text)
    {
        var read = Read(tokenizer, text, model.Config.MaxPositionEmbeddings);
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var grid = model.Forward(new ViltInput(Ids(read), prepared.Pixels), pass).Grids[0];

        // The sequence is words, class token, patches.
        var maps = trace.Entries.Select(e => WordMap.Of(e.Key, grid, OfWords(e.Value, read, read.Ids.Count + 1, grid.Count))).ToList();
        return Result(tokenizer, read, maps, prepared, null);
    }

    private static WordsInPicture Explain(Clip model, SubwordTokenizer tokenizer, PreparedPicture prepared, string text)
    {
        var longest = model.Config.TextConfig.MaxPositionEmbeddings;
        var read = Read(tokenizer, text, longest);
        var (ids, mask) = tokenizer.EncodeBatch([.. read.Words, text], longest);
        using var pass = Pass.Evaluation();
        var image = model.EncodeImages(prepared.Pixels, pass);
        var texts = model.EncodeText(ids, mask, pass).Embedding;
        var patches = pass.Reshape(model.Patches(image, pass), [model.Grid.Count, texts.Shape[1]]);
        var weights = pass.Reshape(pass.Softmax(model.LogitsPerText(texts, patches, pass)), [1, texts.Shape[0], model.Grid.Count]);
        var cosine = pass.MatMul(texts, image.Embedding, transposeB: true)[texts.Shape[0] - 1, 0];
        return Result(tokenizer, read with { Words = [.. read.Words, WholeText] }, [WordMap.Of(Similarity, model.Grid, weights)], prepared,
            ("cosine of text and picture", cosine));
    }

    private static TokenizedText Read(SubwordTokenizer tokenizer, string text, int longest)
    {
        var read = tokenizer.Encode(text, longest);

        // Words of which nothing found room are not in the picture either.
        var kept = read.WordOf.Count == 0 ? 0 : read.WordOf.Max() + 1;
        return kept > 0 ? read with { Words = [.. read.Words.Take(kept)] } : throw new ArgumentException($"the text '{text}' has no word");
    }

    private static Tensor Ids(TokenizedText read) => Tensor.From([.. read.Ids.Select(id => (float)id)], [1, read.Ids.Count]);

    private static WordsInPicture Result(SubwordTokenizer tokenizer, TokenizedText read, IReadOnlyList<WordMap> maps,
        PreparedPicture prepared, (string, double)? score)
    {
        var unknown = read.Ids.Select((id, i) => id == tokenizer.Unknown && read.WordOf[i] >= 0 ? read.Words[read.WordOf[i]] : null)
            .OfType<string>().Distinct().ToList();
        return new WordsInPicture(read.Words, unknown, read.Dropped, maps, prepared, score);
    }

    /// <summary>The weights of pieces over keys as those of words over patches: <c>[1, H, N, Nk] → [H, Nl, Nv]</c>.</summary>
    private static Tensor OfWords(Tensor weights, TokenizedText read, int firstPatch, int patches)
    {
        var heads = weights.Shape[1];
        var words = Tensor.Zeros([heads, read.Words.Count, patches]);
        for (var word = 0; word < read.Words.Count; word++)
        {
            var pieces = Enumerable.Range(0, read.WordOf.Count).Where(i => read.WordOf[i] == word).ToArray();
            for (var h = 0; h < heads; h++)
                for (var p = 0; p < patches; p++)
                    words[h, word, p] = pieces.Average(i => weights[0, h, i, firstPatch + p]);
        }

        return words;
    }

    /// <summary>Makes the mean over heads of each word's weights sum to 1; a word without any stays at 0.</summary>
    private static void ShareOut(Tensor weights)
    {
        var (heads, words, patches) = (weights.Shape[0], weights.Shape[1], weights.Shape[2]);
        for (var w = 0; w < words; w++)
        {
            double sum = 0;
            for (var h = 0; h < heads; h++)
                for (var p = 0; p < patches; p++) sum += weights[h, w, p] / heads;
            if (sum <= 0) continue;
            for (var h = 0; h < heads; h++)
                for (var p = 0; p < patches; p++) weights[h, w, p] = (float)(weights[h, w, p] / sum);
        }
    }
}
