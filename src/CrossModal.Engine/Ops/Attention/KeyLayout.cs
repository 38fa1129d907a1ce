using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Where the keys of an attention lie: some words first, then the patches of one view or more, each a grid counted row by
/// row.</summary>
/// <param name="Words">Keys before the patches.</param>
/// <param name="Rows">Rows of a view.</param>
/// <param name="Columns">Columns of a view.</param>
internal readonly record struct KeyLayout(int Words, int Rows, int Columns)
{
    internal KeyGrid Grid => new(Words, Rows, Columns);

    /// <summary>Checks that so many keys are words and whole views.</summary>
    /// <exception cref="ShapeException">They are not.</exception>
    internal void Check(string operation, int keys)
    {
        if (Words < 0 || Rows <= 0 || Columns <= 0 || keys < Words || (keys - Words) % (Rows * Columns) != 0)
            throw new ShapeException(operation, $"{keys} keys are not {Words} words and views of {Rows}×{Columns} patches");
    }
}
