using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

public static partial class Operations
{
    /// <summary>Symmetric InfoNCE of matching rows (Radford et al. 2021, CLIP, fig. 3): row i of both sides belong together.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="text">Text embeddings <c>[B, d]</c>; normalised here.</param>
    /// <param name="image">Image embeddings <c>[B, d]</c>; normalised here.</param>
    /// <param name="logitScale">Logarithm of the inverse temperature, one number.</param>
    /// <returns>The loss, and the logits per text <c>[B, B]</c>.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static (Tensor Loss, Tensor LogitsPerText) InfoNce(this Pass pass, Tensor text, Tensor image, Tensor logitScale)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(image);
        if (text.Shape.Rank != 2 || text.Shape != image.Shape)
            throw new ShapeException("InfoNce", $"needs two [B, d], got {text.Shape} and {image.Shape}");
        var similarity = pass.MatMul(pass.L2Normalize(text), pass.L2Normalize(image), transposeB: true);
        var logits = pass.Multiply(similarity, pass.Exp(logitScale));
        return (pass.MatchingLoss(logits), logits);
    }

    /// <summary>The mean of the cross-entropies of rows and of columns, where row i and column i belong together.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="logits">Scores <c>[B, B]</c>.</param>
    /// <exception cref="ShapeException">The matrix is not square.</exception>
    public static Tensor MatchingLoss(this Pass pass, Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Shape.Rank != 2 || logits.Shape[0] != logits.Shape[1])
            throw new ShapeException("MatchingLoss", $"needs [B, B], got {logits.Shape}");
        var target = pass.Rent([logits.Shape[0]]);
        for (var i = 0; i < target.Shape.Length; i++) target.Span[i] = i;
        var rows = pass.CrossEntropy(logits, target);
        var columns = pass.CrossEntropy(pass.Transpose(logits, 0, 1), target);
        return pass.Scale(pass.Add(rows, columns), 0.5f);
    }
}
