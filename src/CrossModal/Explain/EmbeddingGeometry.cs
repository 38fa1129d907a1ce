using System.Numerics.Tensors;

namespace CrossModal.Explain;

/// <summary>How the embeddings of texts and of images lie to each other; embeddings of length 1, row i of both sides belonging
/// together.</summary>
/// <param name="Margin">Mean similarity of pairs that belong together, minus that of pairs that do not.</param>
/// <param name="ModalityGap">Distance between the mean of the texts and the mean of the images (Liang et al. 2022).</param>
/// <param name="Alignment">Mean squared distance of pairs that belong together; 0 is best (Wang and Isola 2020, with α = 2).</param>
/// <param name="TextUniformity">ln of the mean of exp(−2 ‖x − y‖²) over pairs of texts; lower is more evenly spread (Wang and Isola 2020,
/// with t = 2).</param>
/// <param name="ImageUniformity">The same of images.</param>
internal sealed record EmbeddingGeometry(double Margin, double ModalityGap, double Alignment, double TextUniformity, double ImageUniformity)
{
    private const double Temperature = 2;

    /// <summary>Measures.</summary>
    /// <param name="text">Embeddings <c>[N, d]</c>, row-major, each of length 1.</param>
    /// <param name="image">Embeddings <c>[N, d]</c>.</param>
    /// <param name="width">Width d.</param>
    /// <exception cref="ArgumentException">The sides differ, fewer than two rows are given, or a row is not of length 1.</exception>
    public static EmbeddingGeometry Measure(ReadOnlySpan<float> text, ReadOnlySpan<float> image, int width)
    {
        var count = RowsOf(text, image, width);
        double matched = 0, all = 0, alignment = 0, gap = 0;
        for (var i = 0; i < count; i++)
        {
            var row = text.Slice(i * width, width);
            var own = TensorPrimitives.Dot(row, image.Slice(i * width, width));
            (matched, alignment) = (matched + own, alignment + SquaredDistance(own));
            for (var j = 0; j < count; j++) all += TensorPrimitives.Dot(row, image.Slice(j * width, width));
        }

        for (var c = 0; c < width; c++)
        {
            double difference = 0;
            for (var i = 0; i < count; i++) difference += text[i * width + c] - image[i * width + c];
            gap += difference / count * (difference / count);
        }

        var mismatched = (all - matched) / ((double)count * (count - 1));
        return new EmbeddingGeometry(matched / count - mismatched, Math.Sqrt(gap), alignment / count, Uniformity(text, count, width),
            Uniformity(image, count, width));
    }

    /// <summary>Side N of a square matrix of finite similarities.</summary>
    /// <exception cref="ArgumentException">It is not square, or holds something that is no number.</exception>
    internal static int SideOf(ReadOnlySpan<float> similarity)
    {
        var side = (int)Math.Round(Math.Sqrt(similarity.Length));
        if (side == 0 || side * side != similarity.Length)
            throw new ArgumentException($"similarities must be [N, N], got {similarity.Length} numbers");
        foreach (var value in similarity)
            if (!float.IsFinite(value)) throw new ArgumentException($"similarities must be finite, got {value}");
        return side;
    }

    /// <summary>Number of rows of two sides, once they are found to be alike.</summary>
    private static int RowsOf(ReadOnlySpan<float> text, ReadOnlySpan<float> image, int width)
    {
        if (width <= 0 || text.Length != image.Length || text.Length % width != 0 || text.Length < 2 * width)
            throw new ArgumentException(
                $"embeddings must be two [N, {width}] with N at least 2, got {text.Length} and {image.Length} numbers");
        for (var start = 0; start < text.Length; start += width)
        {
            var (t, v) = (TensorPrimitives.Norm(text.Slice(start, width)), TensorPrimitives.Norm(image.Slice(start, width)));
            if (!(Math.Abs(t - 1) < 1e-3 && Math.Abs(v - 1) < 1e-3))
                throw new ArgumentException($"embedding {start / width} must be of length 1, got {t} and {v}");
        }

        return text.Length / width;
    }

    private static double Uniformity(ReadOnlySpan<float> x, int count, int width)
    {
        double sum = 0;
        for (var i = 0; i < count; i++)
            for (var j = i + 1; j < count; j++)
                sum += Math.Exp(-Temperature * SquaredDistance(TensorPrimitives.Dot(x.Slice(i * width, width), x.Slice(j * width, width))));
        return Math.Log(2 * sum / ((double)count * (count - 1)));
    }

    private static double SquaredDistance(double cosine) => 2 - 2 * cosine;
}
