using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>Importance by masking at random: S = Σ_k ‖â_k − a‖²(1 − m_k) / (N(1 − p)) over N masks m_k that keep a patch with probability
/// p, blurred by half a patch; what is hidden takes the mean colour (the interventional importance behind NMR, arXiv 2605.00321).</summary>
/// <remarks>‖â_k − a‖ is the change of the part asked about (<see cref="ExplanationTarget.Change"/>).</remarks>
/// <param name="masks">N.</param>
/// <param name="keep">p.</param>
/// <param name="seed">Seed of the masks.</param>
internal sealed class MaskedImportance(int masks = 100, double keep = 0.3, ulong seed = 1) : IMapMethod
{
    private const int AtOnce = 32;

    private readonly int _masks = masks > 0 ? masks
        : throw new ArgumentOutOfRangeException(nameof(masks), $"MaskedImportance: needs at least one mask, got {masks}");
    private readonly double _keep = keep is > 0 and < 1 ? keep
        : throw new ArgumentOutOfRangeException(nameof(keep), $"MaskedImportance: the share kept must lie between 0 and 1, got {keep}");

    /// <inheritdoc/>
    public string Name => "masking";

    /// <inheritdoc/>
    public string Summary =>
        $"how much the decision changes where random masks hide the picture, {_masks} masks (the importance behind NMR)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Passes;

    /// <inheritdoc/>
    public bool OfWords => false;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var random = new RandomSource(seed);
        var (x, hidden, grid) = (decision.Pictures, PictureFill.MeanColor(decision.Pictures), decision.Grid);
        var (length, height, width) = (x.Shape.Length, x.Shape[-2], x.Shape[-1]);
        var sums = new double[decision.Views * grid.Count];
        for (var first = 0; first < _masks; first += AtOnce)
        {
            var count = Math.Min(AtOnce, _masks - first);
            var (pictures, kept) = (new float[count * length], new float[count][]);
            for (var k = 0; k < count; k++)
            {
                kept[k] = Blurred([.. Enumerable.Range(0, sums.Length).Select(_ => random.NextDouble() < _keep ? 1f : 0f)], grid.Rows,
                    grid.Columns, height, width);
                for (var i = 0; i < length; i++)
                {
                    var m = kept[k][i / (3 * height * width) * height * width + i % (height * width)];
                    pictures[k * length + i] = hidden.Span[i] + m * (x.Span[i] - hidden.Span[i]);
                }
            }

            var changes = decision.Changes(Tensor.From(pictures, decision.Batch(count)));
            for (var k = 0; k < count; k++)
                for (var i = 0; i < kept[k].Length; i++)
                {
                    var patch = i / (height * width) * grid.Count + PatchSum.PatchOf(i / width % height, i % width, height, width, grid);
                    sums[patch] += changes[k] * changes[k] * (1 - kept[k][i]) * grid.Count / (height * width) / (_masks * (1 - _keep));
                }
        }

        return new ExplanationMap(this, grid, 1,
            [.. Enumerable.Range(0, decision.Views).Select(v => Array.ConvertAll(sums[(v * grid.Count)..((v + 1) * grid.Count)], s =>
                (float)s))]);
    }

    /// <summary>Masks of patches as masks of pixels, bilinear between the patches' centres, camera by camera.</summary>
    private static float[] Blurred(float[] patches, int rows, int columns, int height, int width)
    {
        var views = patches.Length / (rows * columns);
        var pixels = new float[views * height * width];
        for (var v = 0; v < views; v++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                {
                    var (down, across) = (Math.Clamp((y + 0.5f) * rows / height - 0.5f, 0, rows - 1),
                        Math.Clamp((x + 0.5f) * columns / width - 0.5f, 0, columns - 1));
                    var (top, left) = ((int)down, (int)across);
                    var (bottom, right) = (Math.Min(top + 1, rows - 1), Math.Min(left + 1, columns - 1));
                    var (dy, dx) = (down - top, across - left);
                    float At(int row, int column) => patches[(v * rows + row) * columns + column];
                    pixels[(v * height + y) * width + x] = (1 - dy) * ((1 - dx) * At(top, left) + dx * At(top, right))
                        + dy * ((1 - dx) * At(bottom, left) + dx * At(bottom, right));
                }

        return pixels;
    }
}
