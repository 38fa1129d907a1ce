using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Pictures cut into patches.</summary>
internal static class PatchSum
{
    /// <summary>The patch of a pixel; patches share the sides of the picture evenly.</summary>
    public static int PatchOf(int y, int x, int height, int width, TokenGrid grid) =>
        y * grid.Rows / height * grid.Columns + x * grid.Columns / width;

    /// <summary>The sums of pixels and colours in every patch, camera by camera.</summary>
    /// <param name="pictures"><c>[1, 3, H, W]</c> or <c>[1, V, 3, H, W]</c>.</param>
    /// <param name="grid">Where the patches lie.</param>
    public static IReadOnlyList<float[]> Of(Tensor pictures, TokenGrid grid)
    {
        var (height, width) = (pictures.Shape[-2], pictures.Shape[-1]);
        var (plane, views) = (height * width, pictures.Shape.Length / (3 * height * width));
        var sums = new List<float[]>();
        for (var view = 0; view < views; view++)
        {
            var sum = new double[grid.Count];
            for (var i = 0; i < 3 * plane; i++)
                sum[PatchOf(i % plane / width, i % width, height, width, grid)] += pictures.Span[view * 3 * plane + i];
            sums.Add(Array.ConvertAll(sum, x => (float)x));
        }

        return sums;
    }
}
