using System.Numerics.Tensors;
using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Explain;
using CrossModal.Pretraining;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Splits;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>How well captions and scenes never trained on fit together.</summary>
/// <param name="Split">Name of the split the scenes are of.</param>
/// <param name="Scenes">Number of scenes, all with different captions.</param>
/// <param name="TextToImage">Recall of scenes retrieved by captions.</param>
/// <param name="ImageToText">Recall of captions retrieved by scenes.</param>
/// <param name="Geometry">Margin, gap, alignment and uniformity of the embeddings.</param>
/// <param name="Cka">Linear kernel alignment of the captions' and the scenes' embeddings.</param>
/// <param name="Matching">Share of pairs, half of them right and half with the most similar wrong scene, that the fusion judges
/// rightly.</param>
internal sealed record CaptionAlignment(
    string Split, int Scenes, IReadOnlyList<Retrieval> TextToImage, IReadOnlyList<Retrieval> ImageToText, EmbeddingGeometry Geometry,
        double Cka, WilsonInterval Matching)
{
    private const int Together = 25;

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="split">Which scenes; their captions are all different.</param>
    /// <param name="scenes">Number of scenes, a multiple of 25.</param>
    /// <param name="seed">Seed of the scenes.</param>
    /// <param name="workers">Threads; all cores when null.</param>
    /// <param name="language">Language of the captions, which is the model's.</param>
    /// <exception cref="ArgumentException">The number of scenes is not a positive multiple of 25.</exception>
    public static CaptionAlignment Measure(PretrainingModel model, Split split, int scenes, ulong seed = 1, Workers? workers = null,
        InstructionLanguage language = InstructionLanguage.English)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(split);
        if (scenes < Together || scenes % Together != 0)
            throw new ArgumentException($"CaptionAlignment: {scenes} scenes are not a positive multiple of {Together}.", nameof(scenes));
        var source = new CaptionSource(seed, split, language);
        var numbers = Different(source, scenes);
        var batch = new PretrainingBatch(model, scenes, language);
        batch.Draw(source, i => numbers[i]);
        var (texts, images) = (new float[scenes * model.EmbeddingWidth], new float[scenes * model.EmbeddingWidth]);
        for (var first = 0; first < scenes; first += Together)
        {
            using var part = Pass.Evaluation(workers: workers);
            var (t, v) = model.Embed(part.Slice(batch.Images, 0, first, Together), part.Slice(batch.Words, 0, first, Together),
                Mask.Additive(part.Slice(batch.Scores, 0, first, Together)), part);
            t.Span.CopyTo(texts.AsSpan(first * model.EmbeddingWidth));
            v.Span.CopyTo(images.AsSpan(first * model.EmbeddingWidth));
        }

        var similarity = Similarity(texts, images, model.EmbeddingWidth);
        return new CaptionAlignment(split.Name, scenes, Retrieval.OfRows(similarity, 1, 5, 10), Retrieval.OfColumns(similarity, 1, 5, 10),
            EmbeddingGeometry.Measure(texts, images, model.EmbeddingWidth), CenteredKernelAlignment.Linear(texts, images, scenes),
            Judge(model, batch, similarity, scenes, workers));
    }

    /// <summary>Numbers of the first scenes that have captions of their own.</summary>
    private static long[] Different(CaptionSource source, int scenes)
    {
        var (seen, numbers) = (new HashSet<string>(StringComparer.Ordinal), new List<long>(scenes));
        for (long number = 0; numbers.Count < scenes; number++)
            if (seen.Add(source.Draw(number).Caption)) numbers.Add(number);
        return [.. numbers];
    }

    private static float[] Similarity(float[] texts, float[] images, int width)
    {
        var count = texts.Length / width;
        var similarity = new float[count * count];
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                similarity[i * count + j] = TensorPrimitives.Dot<float>(texts.AsSpan(i * width, width), images.AsSpan(j * width, width));
        return similarity;
    }

    private static WilsonInterval Judge(PretrainingModel model, PretrainingBatch batch, float[] similarity, int scenes, Workers? workers)
    {
        var right = 0;
        for (var first = 0; first < scenes; first += Together)
        {
            using var pass = Pass.Evaluation(workers: workers);
            var words = pass.Slice(batch.Words, 0, first, Together);
            var mask = Mask.Additive(pass.Slice(batch.Scores, 0, first, Together));
            right += Count(model.Match(pass.Slice(batch.Images, 0, first, Together), words, mask, pass), logit => logit > 0);
            var wrong = pass.Rent([Together]);
            for (var i = 0; i < Together; i++) wrong.Span[i] = MostAlike(similarity.AsSpan((first + i) * scenes, scenes), first + i);
            right += Count(model.Match(Images(batch.Images, wrong, pass), words, mask, pass), logit => logit <= 0);
        }

        return WilsonInterval.Of(right, 2 * scenes);
    }

    private static Tensor Images(Tensor images, Tensor rows, Pass pass) => pass.Reshape(
        pass.Embedding(pass.Reshape(images, [images.Shape[0], images.Shape.Length / images.Shape[0]]), rows),
            [rows.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]]);

    private static int MostAlike(ReadOnlySpan<float> similarity, int own)
    {
        var best = own == 0 ? 1 : 0;
        for (var j = 0; j < similarity.Length; j++)
            if (j != own && similarity[j] > similarity[best]) best = j;
        return best;
    }

    private static int Count(Tensor logits, Func<float, bool> right)
    {
        var count = 0;
        foreach (var logit in logits.Span) count += right(logit) ? 1 : 0;
        return count;
    }
}
