using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>Terms of a loss by which a student learns from a teacher; the teacher's numbers are constants.</summary>
internal static class Distillation
{
    // Weights below this count as this: a student with almost no weight there is corrected, not punished without limit.
    private const float Least = 1e-6f;

    /// <summary>The divergence of two attentions: Σⱼ tⱼ (ln tⱼ − ln sⱼ), the mean over the rows that count.</summary>
    /// <remarks>KL divergence of the teacher's rows from the student's (Wang et al. 2020, MiniLM, eq. 3), of the mean over heads instead of
    /// head by head, so that numbers of heads may differ. 0 where both are equal.</remarks>
    /// <param name="pass">The pass.</param>
    /// <param name="student">The student's weights <c>[B, Nl, N]</c>; rows sum to 1.</param>
    /// <param name="teacher">The teacher's, of the same shape.</param>
    /// <param name="rows">1 for a row that counts and 0 for padding, <c>[B, Nl, 1]</c>.</param>
    /// <returns><c>[]</c>.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor AttentionLoss(Pass pass, Tensor student, Tensor teacher, Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(rows);
        if (student.Shape.Rank != 3 || teacher.Shape != student.Shape || rows.Shape != student.Shape.With(2, 1))
            throw new ShapeException("Distillation",
                $"needs student and teacher [B, Nl, N] and rows [B, Nl, 1], got {student.Shape}, {teacher.Shape}, {rows.Shape}");
        var difference = pass.Subtract(pass.Log(pass.Scale(teacher, 1, Least)), pass.Log(pass.Scale(student, 1, Least)));
        var divergence = pass.Sum(pass.Multiply(pass.Multiply(teacher, difference), rows));
        return pass.Divide(divergence, pass.Sum(rows));
    }

    /// <summary>How differently two networks represent which samples are alike: the mean squared difference of their matrices of cosine
    /// similarities.</summary>
    /// <remarks>Similarity-preserving distillation (Tung and Mori 2019, eq. 4), with cosines instead of products whose rows are normalised:
    /// widths may differ and nothing has to be learned to compare them.</remarks>
    /// <param name="pass">The pass.</param>
    /// <param name="student">The student's features <c>[B, d]</c>.</param>
    /// <param name="teacher">The teacher's <c>[B, dt]</c>.</param>
    /// <returns><c>[]</c>.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor FeatureLoss(Pass pass, Tensor student, Tensor teacher)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        if (student.Shape.Rank != 2 || teacher.Shape.Rank != 2 || student.Shape[0] != teacher.Shape[0])
            throw new ShapeException("Distillation", $"needs features [B, d] and [B, dt], got {student.Shape} and {teacher.Shape}");
        return pass.MeanSquaredError(Similarities(student), Similarities(teacher));

        Tensor Similarities(Tensor features)
        {
            var directions = pass.L2Normalize(features);
            return pass.MatMul(directions, directions, transposeB: true);
        }
    }

    /// <summary>Weights over visual tokens of one grid as weights over another: each token's weight is shared out by the area it has in
    /// each token of the other grid, so that sums stay.</summary>
    /// <returns><c>[from, to]</c>, rows summing to 1: multiply weights <c>[…, from]</c> by it.</returns>
    public static Tensor RegionMap(TokenGrid from, TokenGrid to)
    {
        var map = Tensor.Zeros([from.Count, to.Count]);
        for (var i = 0; i < from.Count; i++)
            for (var j = 0; j < to.Count; j++)
                map[i, j] = Overlap(i / from.Columns, from.Rows, j / to.Columns, to.Rows) * Overlap(i % from.Columns, from.Columns,
                    j % to.Columns, to.Columns);
        return map;
    }

    /// <summary>Share of part <paramref name="a"/> of <paramref name="parts"/> equal parts of a line that lies in part <paramref name="b"/>
    /// of others.</summary>
    private static float Overlap(int a, int parts, int b, int others) =>
        Math.Max(0, Math.Min((a + 1) * others, (b + 1) * parts) - Math.Max(a * others, b * parts)) / (float)others;
}
