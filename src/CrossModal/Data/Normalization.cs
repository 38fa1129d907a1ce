using CrossModal.Engine.Tensors;

namespace CrossModal.Data;

/// <summary>Takes numbers to mean 0 and deviation 1 per dimension, and back.</summary>
/// <param name="Mean">Mean of each dimension, in its own unit.</param>
/// <param name="Deviation">Standard deviation of each dimension; 1 where it never changes.</param>
public sealed record Normalization(float[] Mean, float[] Deviation)
{
    private const float Least = 1e-6f;

    /// <summary>Learns mean and deviation from rows <c>[N, D]</c>.</summary>
    /// <exception cref="ShapeException">There is no row, or rows differ in length.</exception>
    public static Normalization Learn(IReadOnlyList<float[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0) throw new ShapeException("Normalization", "there is nothing to learn from");
        var (mean, deviation) = (new float[rows[0].Length], new float[rows[0].Length]);
        for (var d = 0; d < mean.Length; d++)
        {
            double sum = 0, squares = 0;
            foreach (var row in rows)
            {
                if (row.Length != mean.Length) throw new ShapeException("Normalization", $"rows of {row.Length} and {mean.Length} numbers");
                sum += row[d];
            }

            foreach (var row in rows) squares += (row[d] - sum / rows.Count) * (row[d] - sum / rows.Count);
            mean[d] = (float)(sum / rows.Count);
            deviation[d] = (float)Math.Sqrt(squares / rows.Count) is > Least and var found ? found : 1;
        }

        return new Normalization(mean, deviation);
    }

    /// <summary>Numbers that are left as they are.</summary>
    public static Normalization Identity(int dimensions)
    {
        var ones = new float[dimensions];
        Array.Fill(ones, 1);
        return new Normalization(new float[dimensions], ones);
    }

    /// <summary>(x − mean) / deviation.</summary>
    public void Apply(ReadOnlySpan<float> x, Span<float> result)
    {
        for (var d = 0; d < Mean.Length; d++) result[d] = (x[d] - Mean[d]) / Deviation[d];
    }

    /// <summary>x · deviation + mean.</summary>
    public void Undo(ReadOnlySpan<float> x, Span<float> result)
    {
        for (var d = 0; d < Mean.Length; d++) result[d] = x[d] * Deviation[d] + Mean[d];
    }
}
