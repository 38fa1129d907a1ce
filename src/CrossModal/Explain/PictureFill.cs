using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>What stands in place of patches that are taken away.</summary>
public enum PictureFillKind
{
    /// <summary>The mean colour of the camera's picture.</summary>
    Mean,

    /// <summary>The picture blurred (a box of a quarter of its side, twice).</summary>
    Blur,

    /// <summary>A linear interpolation of what is left, each pixel the weighted mean of its neighbours (1/6 at an edge, 1/12 at a corner) plus noise of
    /// 0.01 (Rong et al. 2022, ROAD): no outline of what was taken away stays.</summary>
    Road,
}

/// <summary>Takes patches away from pictures.</summary>
public static class PictureFill
{
    private const float EdgeWeight = 1f / 6, CornerWeight = 1f / 12, Noise = 0.01f;

    // Sweeps of successive over-relaxation, each towards the mean of neighbours; enough for a square of 64 pixels with nothing left but a corner.
    private const int Sweeps = 120;
    private const float Relaxation = 1.8f;

    /// <summary>Pictures of one colour: the mean of each camera's.</summary>
    public static Tensor MeanColor(Tensor pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var (result, plane) = (Tensor.Zeros(pictures.Shape), pictures.Shape[-2] * pictures.Shape[-1]);
        for (var first = 0; first < result.Shape.Length; first += plane)
        {
            double sum = 0;
            foreach (var x in pictures.Span.Slice(first, plane)) sum += x;
            result.Span.Slice(first, plane).Fill((float)(sum / plane));
        }

        return result;
    }

    /// <summary>Pictures blurred.</summary>
    public static Tensor Blurred(Tensor pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var (result, height, width) = (pictures.Copy(), pictures.Shape[-2], pictures.Shape[-1]);
        var radius = Math.Max(1, Math.Max(height, width) / 8);
        for (var first = 0; first < result.Shape.Length; first += height * width)
            for (var twice = 0; twice < 2; twice++)
            {
                for (var y = 0; y < height; y++) BoxBlur(result.Span[first..], y * width, 1, width, radius);
                for (var x = 0; x < width; x++) BoxBlur(result.Span[first..], x, width, height, radius);
            }

        return result;
    }

    /// <summary>Fills the pixels of removed patches.</summary>
    /// <param name="pictures">The pictures <c>[1, 3, H, W]</c> or <c>[1, V, 3, H, W]</c>, 0 to 1.</param>
    /// <param name="removed">Which patches are taken away, camera after camera, <c>[V · Grid.Count]</c>.</param>
    /// <param name="grid">Where the patches lie.</param>
    /// <param name="source">What <see cref="MeanColor"/> or <see cref="Blurred"/> made of the pictures; null to interpolate what is left.</param>
    /// <param name="random">Source of the noise of the interpolation.</param>
    /// <returns>The numbers of the pictures with these patches filled.</returns>
    internal static float[] Fill(Tensor pictures, ReadOnlySpan<bool> removed, TokenGrid grid, Tensor? source, RandomSource random)
    {
        var (height, width) = (pictures.Shape[-2], pictures.Shape[-1]);
        var (plane, filled) = (height * width, pictures.ToArray());
        for (var view = 0; view < filled.Length / (3 * plane); view++)
        {
            var gone = new bool[plane];
            for (var i = 0; i < plane; i++) gone[i] = removed[view * grid.Count + PatchSum.PatchOf(i / width, i % width, height, width, grid)];
            for (var c = 0; c < 3; c++)
            {
                var channel = filled.AsSpan((view * 3 + c) * plane, plane);
                if (source is null) Interpolate(channel, gone, height, width, random);
                else
                    for (var i = 0; i < plane; i++)
                        if (gone[i]) channel[i] = source.Span[(view * 3 + c) * plane + i];
            }
        }

        return filled;
    }

    /// <summary>Solves for the removed pixels of a channel, each the weighted mean of its neighbours.</summary>
    private static void Interpolate(Span<float> channel, bool[] gone, int height, int width, RandomSource random)
    {
        var pixels = Enumerable.Range(0, gone.Length).Where(i => gone[i]).ToArray();
        if (pixels.Length == 0) return;
        double sum = 0;
        for (var i = 0; i < gone.Length; i++)
            if (!gone[i] || pixels.Length == gone.Length) sum += channel[i];
        var mean = (float)(sum / (pixels.Length == gone.Length ? gone.Length : gone.Length - pixels.Length));
        foreach (var i in pixels) channel[i] = mean;
        for (var sweep = 0; sweep < Sweeps && pixels.Length < gone.Length; sweep++)
        {
            var largest = 0f;
            foreach (var i in pixels)
            {
                var step = Relaxation * (NeighbourMean(channel, i / width, i % width, height, width) - channel[i]);
                channel[i] += step;
                largest = Math.Max(largest, Math.Abs(step));
            }

            if (largest < 1e-4f) break;
        }

        foreach (var i in pixels) channel[i] = Math.Clamp(channel[i] + Noise * random.NextGaussian(), 0, 1);
    }

    private static float NeighbourMean(ReadOnlySpan<float> channel, int y, int x, int height, int width)
    {
        var (sum, weights) = (0f, 0f);
        for (var dy = -1; dy <= 1; dy++)
        for (var dx = -1; dx <= 1; dx++)
        {
            if ((dy == 0 && dx == 0) || y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
            var weight = dy == 0 || dx == 0 ? EdgeWeight : CornerWeight;
            sum += weight * channel[(y + dy) * width + x + dx];
            weights += weight;
        }

        return weights == 0 ? channel[y * width + x] : sum / weights;
    }

    private static void BoxBlur(Span<float> values, int first, int step, int count, int radius)
    {
        var line = new float[count];
        for (var i = 0; i < count; i++) line[i] = values[first + i * step];
        for (var i = 0; i < count; i++)
        {
            var (from, to) = (Math.Max(0, i - radius), Math.Min(count - 1, i + radius));
            var sum = 0f;
            for (var j = from; j <= to; j++) sum += line[j];
            values[first + i * step] = sum / (to - from + 1);
        }
    }
}
