using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Rows and columns of visual tokens, counted row by row from the top left.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
public readonly record struct TokenGrid(int Rows, int Columns)
{
    /// <summary>Number of tokens.</summary>
    public int Count => Rows * Columns;

    /// <inheritdoc/>
    public override string ToString() => $"{Rows}×{Columns}";
}

/// <summary>Feature maps as tokens and back.</summary>
internal static class TokenGrids
{
    /// <summary>A feature map as tokens, row by row: <c>[B, d, H, W] → [B, H·W, d]</c>.</summary>
    /// <exception cref="ShapeException">The map does not have four axes.</exception>
    public static Tensor ToTokens(this Pass pass, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Shape.Rank != 4) throw new ShapeException("ToTokens", $"needs [B, d, H, W], got {map.Shape}");
        return pass.Transpose(pass.Reshape(map, [map.Shape[0], map.Shape[1], map.Shape[2] * map.Shape[3]]), 1, 2);
    }

    /// <summary>Tokens as a feature map: <c>[B, rows·columns, d] → [B, d, rows, columns]</c>.</summary>
    /// <exception cref="ShapeException">The token count is not that of the grid.</exception>
    public static Tensor ToMap(this Pass pass, Tensor tokens, TokenGrid grid)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.Shape.Rank != 3 || tokens.Shape[1] != grid.Count)
            throw new ShapeException("ToMap", $"{tokens.Shape} is not [B, {grid.Count}, d] of a {grid} grid");
        return pass.Reshape(pass.Transpose(tokens, 1, 2), [tokens.Shape[0], tokens.Shape[2], grid.Rows, grid.Columns]);
    }
}
