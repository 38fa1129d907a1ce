using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CrossModal.Attention;
using CrossModal.Checkpoints;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Encoders;

/// <summary>A published text encoder of a Hugging Face folder, BERT or the text tower of CLIP, whose states of words a policy is
/// given.</summary>
/// <remarks>A word of several pieces has the mean of their states; what begins and ends a text has none of its own. States of a frozen
/// encoder are kept by text, up to 128 MB. For several threads at once.</remarks>
internal sealed class TextEncoder : ITextEncoder
{
    private const long MostKept = 32 << 20;
    private readonly SubwordTokenizer _tokenizer;
    private readonly ConcurrentDictionary<string, float[]> _kept = new();
    private long _keptNumbers;

    private TextEncoder(EncoderFolder folder, Module model, SubwordTokenizer tokenizer, int width, int longest, bool tuned)
    {
        (Folder, Model, _tokenizer, Width, Longest, Tuned) = (folder, model, tokenizer, width, longest, tuned);
        if (tuned) model.Unfreeze();
    }

    /// <summary>Where it was read from.</summary>
    public EncoderFolder Folder { get; }

    /// <summary>The module; frozen unless <see cref="Tuned"/>.</summary>
    public Module Model { get; }

    /// <inheritdoc/>
    public int Width { get; }

    /// <summary>The most pieces a text may have.</summary>
    public int Longest { get; }

    /// <summary>Whether it is trained with the policy.</summary>
    public bool Tuned { get; }

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">A checkpoint of BERT or CLIP with its tokenizer.</param>
    /// <param name="tuned">Whether it is trained with the policy.</param>
    /// <exception cref="FileFormatException">A file is missing or damaged, the checkpoint is of another kind, or it is CLIP and to be
    /// tuned.</exception>
    public static TextEncoder Load(string folder, bool tuned = false)
    {
        var published = PublishedModel.Load(folder);
        var tokenizer = published.Tokenizer
            ?? throw new FileFormatException(folder, "holds no tokenizer: tokenizer.json, vocab.txt, or vocab.json with merges.txt");
        var (width, longest) = published.Model switch
        {
            Bert bert => (bert.Config.HiddenSize, bert.Config.MaxPositionEmbeddings),
            Clip when tuned => throw new FileFormatException(folder, "is a CLIP checkpoint, whose text tower is used frozen only"),
            Clip clip => (clip.Config.TextConfig.HiddenSize, clip.Config.TextConfig.MaxPositionEmbeddings),
            _ => throw new FileFormatException(folder,
                $"is a checkpoint of the kind '{published.ModelType}', which has no text encoder of its own: bert and clip have one"),
        };
        return new TextEncoder(EncoderFolder.Of(folder), published.Model, tokenizer, width, Math.Min(longest, tokenizer.Longest ?? longest),
            tuned);
    }

    /// <inheritdoc/>
    public EncodedWords Words(string text)
    {
        var pieces = Pieces(text);
        var unknown = new bool[pieces.Words.Count];
        for (var i = 0; i < pieces.Ids.Count; i++)
            if (pieces.WordOf[i] >= 0 && pieces.Ids[i] == _tokenizer.Unknown) unknown[pieces.WordOf[i]] = true;
        return new EncodedWords(pieces.Words, unknown);
    }

    /// <inheritdoc/>
    public float[] States(string text)
    {
        // A tuned encoder has other weights after every step.
        if (Tuned) return Compute(text);
        if (_kept.TryGetValue(text, out var kept)) return kept;
        var states = Compute(text);
        if (Interlocked.Add(ref _keptNumbers, states.Length) > MostKept)
        {
            _kept.Clear();
            Interlocked.Exchange(ref _keptNumbers, states.Length);
        }

        return _kept.GetOrAdd(text, states);
    }

    /// <summary>Adds to what decides the numbers of a run that words have the states of this encoder.</summary>
    public void Describe(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["textEncoder"] = Folder.Sha256;
        configuration["textTuned"] = Tuned;
    }

    /// <summary>The pieces of a text.</summary>
    /// <exception cref="ShapeException">There are more than the encoder takes.</exception>
    public TokenizedText Pieces(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pieces = _tokenizer.Encode(text);
        return pieces.Ids.Count <= Longest ? pieces : throw new ShapeException("TextEncoder",
            $"the instruction '{text}' has {pieces.Ids.Count} pieces of words, the text encoder takes at most {Longest}");
    }

    /// <summary>The final states of pieces: <c>[B, P] → [B, P, e]</c>.</summary>
    /// <param name="ids">Numbers of pieces.</param>
    /// <param name="mask">Which of them are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor ids, Mask? mask, Pass pass) => Model switch
    {
        Bert bert => bert.Forward(ids, mask, pass)[^1],
        _ => ((Clip)Model).EncodeText(ids, mask, pass).Tokens,
    };

    private float[] Compute(string text)
    {
        var pieces = Pieces(text);
        if (pieces.Words.Count == 0) return [];
        using var pass = Pass.Evaluation(workers: Workers.Single);
        var states = Forward(Tensor.From([.. pieces.Ids.Select(id => (float)id)], [1, pieces.Ids.Count]), null, pass).Span;
        var words = new float[pieces.Words.Count * Width];
        var counts = new int[pieces.Words.Count];
        foreach (var word in pieces.WordOf)
            if (word >= 0) counts[word]++;
        for (var i = 0; i < pieces.Ids.Count; i++)
        {
            if (pieces.WordOf[i] is not (>= 0 and var word)) continue;
            for (var d = 0; d < Width; d++) words[word * Width + d] += states[i * Width + d] / counts[word];
        }

        return words;
    }
}
