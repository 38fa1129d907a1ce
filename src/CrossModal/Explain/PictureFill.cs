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

    /// <summary>A linear interpolation of what is left, each pixel the weighted mean of its neighbours (1/6 at an edge, 1/12 at a corner)
    /// plus noise of 0.01 (Rong et al. 2022, ROAD): no outline of what was taken away stays.</summary>
    Road,
}

/// <summary>Takes patches away from pictures.</summary>
internal static class PictureFill
{
    private const float EdgeWeight = 1f / 6, CornerWeight = 1f / 12, Noise = 0.01f;

    // Sweeps of successive over-relaxation, each towards the mean of neighbours; enough for a square of 64 pixels with nothing left but a
    // corner. A step of the tolerance is less than that of a camera's 8 bits.
    private const int Sweeps = 120;
    private const float Relaxation = 1.8f;
    private const float Tolerance = 1e-3f;
    private const int Around = 8;

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
    /// <param name="source">What <see cref="MeanColor"/> or <see cref="Blurred"/> made of the pictures; null to interpolate what is
    /// left.</param>
    /// <param name="random">Source of the noise of the interpolation.</param>
    /// <returns>The numbers of the pictures with these patches filled.</returns>
    internal static float[] Fill(Tensor pictures, ReadOnlySpan<bool> removed, TokenGrid grid, Tensor? source, RandomSource random)
    {
        var (height, width) = (pictures.Shape[-2], pictures.Shape[-1]);
        var (plane, filled) = (height * width, pictures.ToArray());
        for (var view = 0; view < filled.Length / (3 * plane); view++)
        {
            var gone = new bool[plane];
            for (var i = 0; i < plane; i++)
                gone[i] = removed[view * grid.Count + PatchSum.PatchOf(i / width, i % width, height, width, grid)];
            if (source is null)
            {
                Interpolate(filled.AsSpan(view * 3 * plane, 3 * plane), gone, height, width, random);
                continue;
            }

            for (var i = 0; i < 3 * plane; i++)
                if (gone[i % plane]) filled[view * 3 * plane + i] = source.Span[view * 3 * plane + i];
        }

        return filled;
    }

    /// <summary>Solves for the removed pixels of a picture <c>[3, H, W]</c>, each the weighted mean of its neighbours.</summary>
    private static void Interpolate(Span<float> picture, bool[] gone, int height, int width, RandomSource random)
    {
        var pixels = Enumerable.Range(0, gone.Length).Where(i => gone[i]).ToArray();
        var (all, plane) = (pixels.Length == gone.Length, gone.Length);
        var (neighbours, weights) = Neighbours(pixels, height, width);
        for (var c = 0; c < 3; c++)
        {
            var channel = picture.Slice(c * plane, plane);
            double sum = 0;
            for (var i = 0; i < plane; i++)
                if (all || !gone[i]) sum += channel[i];
            var mean = (float)(sum / (all ? plane : plane - pixels.Length));
            foreach (var i in pixels) channel[i] = mean;
            for (var sweep = 0; sweep < Sweeps && !all; sweep++)
                if (Sweep(channel, pixels, neighbours, weights) < Tolerance) break;
            foreach (var i in pixels) channel[i] = Math.Clamp(channel[i] + Noise * random.NextGaussian(), 0, 1);
        }
    }

    /// <summary>Moves every removed pixel beyond the mean of its neighbours.</summary>
    /// <returns>The longest step.</returns>
    private static float Sweep(Span<float> channel, int[] pixels, int[] neighbours, float[] weights)
    {
        var longest = 0f;
        for (var p = 0; p < pixels.Length; p++)
        {
            var sum = 0f;
            for (var n = p * Around; n < (p + 1) * Around; n++) sum += weights[n] * channel[neighbours[n]];
            var step = Relaxation * (sum - channel[pixels[p]]);
            channel[pixels[p]] += step;
            longest = Math.Max(longest, Math.Abs(step));
        }

        return longest;
    }

    /// <summary>The pixels around each, and their shares, which sum to 1; what lies outside has none.</summary>
    private static (int[] Neighbours, float[] Weights) Neighbours(int[] pixels, int height, int width)
    {
        var (neighbours, weights) = (new int[pixels.Length * Around], new float[pixels.Length * Around]);
        for (var p = 0; p < pixels.Length; p++)
        {
            var (y, x, n, sum) = (pixels[p] / width, pixels[p] % width, p * Around, 0f);
            for (var dy = -1; dy <= 1; dy++)
                for (var dx = -1; dx <= 1; dx++)
                {
                    if (dy == 0 && dx == 0) continue;
                    var inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
                    (neighbours[n], weights[n]) = (inside ? (y + dy) * width + x + dx : pixels[p],
                        !inside ? 0 : dy == 0 || dx == 0 ? EdgeWeight : CornerWeight);
                    sum += weights[n++];
                }

            for (n = p * Around; n < (p + 1) * Around && sum > 0; n++) weights[n] /= sum;
        }

        return (neighbours, weights);
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
