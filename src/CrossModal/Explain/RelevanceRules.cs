using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>The rules by which relevance passes through attention (Chefer et al. 2021, "Generic Attention-model Explainability"), in double
/// precision. Rows receive, columns give.</summary>
/// <remarks>All return what is to be added: layers that run side by side add what was computed from the state before them.</remarks>
internal static class RelevanceRules
{
    /// <summary>Ā = mean over heads of max(0, gradient ∘ attention) (equation 5).</summary>
    /// <param name="attention">Weights of one sample, <c>[1, H, Nq, Nk]</c>.</param>
    /// <param name="gradient">The gradient of the decision with respect to them.</param>
    /// <returns><c>[Nq, Nk]</c>.</returns>
    /// <exception cref="ShapeException">The shapes are not of one sample, or differ.</exception>
    public static double[,] HeadMean(Tensor attention, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(attention);
        ArgumentNullException.ThrowIfNull(gradient);
        if (attention.Shape.Rank != 4 || attention.Shape[0] != 1 || attention.Shape != gradient.Shape)
            throw new ShapeException("RelevanceRules",
                $"needs weights and gradients [1, H, Nq, Nk], got {attention.Shape} and {gradient.Shape}");
        var (heads, queries, keys) = (attention.Shape[1], attention.Shape[2], attention.Shape[3]);
        var mean = new double[queries, keys];
        for (var h = 0; h < heads; h++)
            for (var q = 0; q < queries; q++)
                for (var k = 0; k < keys; k++) mean[q, k] += Math.Max(0, (double)gradient[0, h, q, k] * attention[0, h, q, k]) / heads;
        return mean;
    }

    /// <summary>Self-attention: Ā R, of the relevance of the tokens themselves or of any others for them (rules 6 and 7).</summary>
    /// <param name="attention">Ā <c>[Ns, Ns]</c>.</param>
    /// <param name="relevance">R_ss <c>[Ns, Ns]</c> or R_sq <c>[Ns, Nq]</c>.</param>
    public static double[,] SelfAttention(double[,] attention, double[,] relevance) => DoubleMatrix.Multiply(attention, relevance);

    /// <summary>Cross-attention: what R_sq gains (rule 10), R̂_ssᵀ Ā R̂_qq as published, or R̂_ss Ā R̂_qq.</summary>
    /// <param name="attention">Ā <c>[Ns, Nq]</c>.</param>
    /// <param name="own">R_ss of the tokens that attend.</param>
    /// <param name="other">R_qq of the tokens attended to.</param>
    /// <param name="transposed">Whether the first factor is transposed, as published; with rows that receive, this runs influence
    /// backwards.</param>
    /// <param name="normalized">Whether R̂ stands for R, as published.</param>
    public static double[,] CrossAttention(double[,] attention, double[,] own, double[,] other, bool transposed = true,
        bool normalized = true)
    {
        if (normalized) (own, other) = (Normalize(own), Normalize(other));
        return DoubleMatrix.Multiply(transposed ? DoubleMatrix.Transpose(own) : own, DoubleMatrix.Multiply(attention, other));
    }

    /// <summary>Cross-attention: what R_ss gains, Ā R_qs (rule 11).</summary>
    /// <param name="attention">Ā <c>[Ns, Nq]</c>.</param>
    /// <param name="back">R_qs <c>[Nq, Ns]</c>.</param>
    public static double[,] CrossAttentionOwn(double[,] attention, double[,] back) => DoubleMatrix.Multiply(attention, back);

    /// <summary>R̂: every row of R − I divided by its sum, plus I (equations 8 and 9); a row of R − I that sums to 0 stays 0.</summary>
    /// <param name="relevance">R <c>[N, N]</c>.</param>
    public static double[,] Normalize(double[,] relevance)
    {
        ArgumentNullException.ThrowIfNull(relevance);
        var count = relevance.GetLength(0);
        var result = new double[count, count];
        for (var i = 0; i < count; i++)
        {
            double sum = -1;
            for (var j = 0; j < count; j++) sum += relevance[i, j];
            for (var j = 0; j < count; j++)
            {
                var rest = relevance[i, j] - (i == j ? 1 : 0);
                result[i, j] = (sum == 0 ? 0 : rest / sum) + (i == j ? 1 : 0);
            }
        }

        return result;
    }
}
