using CrossModal.Engine.Tensors;
using CrossModal.Explain;

namespace CrossModal.Tests.Explain;

/// <summary>Measures of how well texts and images fit together, on matrices whose answers are known.</summary>
public sealed class AlignmentTests
{
    [Fact]
    public void Recall_counts_partners_among_the_first_k_and_ties_against_them()
    {
        float[] similarity =
        [
            0.9f, 0.1f, 0.2f,
            0.8f, 0.5f, 0.1f,
            0.3f, 0.3f, 0.3f,
        ];
        Assert.Equal([new Retrieval(1, 1 / 3.0, 1 / 3.0), new Retrieval(2, 2 / 3.0, 2 / 3.0), new Retrieval(3, 1, 1)],
            Retrieval.OfRows(similarity, 1, 2, 3));
        Assert.Equal([new Retrieval(1, 1, 1 / 3.0)], Retrieval.OfColumns(similarity, 1, 10));
    }

    [Fact]
    public void Recall_refuses_what_is_not_a_matrix_of_numbers()
    {
        Assert.Contains("[N, N]", Assert.Throws<ArgumentException>(() => Retrieval.OfRows([1, 2, 3], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => Retrieval.OfRows([float.NaN], 1)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Geometry_of_two_opposite_pairs()
    {
        var geometry = EmbeddingGeometry.Measure([1, 0, -1, 0], [1, 0, -1, 0], 2);
        Assert.Equal(2, geometry.Margin, 6);
        Assert.Equal(0, geometry.ModalityGap, 6);
        Assert.Equal(0, geometry.Alignment, 6);
        Assert.Equal(-8, geometry.TextUniformity, 6);
        Assert.Equal(-8, geometry.ImageUniformity, 6);
    }

    [Fact]
    public void The_gap_is_the_distance_of_the_means()
    {
        var geometry = EmbeddingGeometry.Measure([1, 0, 1, 0], [0, 1, 0, 1], 2);
        Assert.Equal(Math.Sqrt(2), geometry.ModalityGap, 6);
        Assert.Equal(0, geometry.Margin, 6);
        Assert.Equal(2, geometry.Alignment, 6);
        Assert.Equal(0, geometry.TextUniformity, 6);
    }

    [Fact]
    public void Geometry_refuses_embeddings_that_are_not_of_length_one() =>
        Assert.Contains("embedding 1", Assert.Throws<ArgumentException>(() =>
            EmbeddingGeometry.Measure([1, 0, 2, 0], [1, 0, 1, 0], 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void Alignment_of_kernels_knows_no_rotation_scale_or_shift()
    {
        var x = Tensor.Normal([20, 2], new RandomSource(1)).ToArray();
        var turned = new float[40];
        for (var i = 0; i < 20; i++) (turned[2 * i], turned[2 * i + 1]) = (3 * x[2 * i + 1] + 5, -3 * x[2 * i]);
        Assert.Equal(1, CenteredKernelAlignment.Linear(x, turned, 20), 6);
    }

    [Fact]
    public void Alignment_of_kernels_of_features_at_right_angles_is_zero()
    {
        float[] x = [1, -1, 1, -1], y = [1, 1, -1, -1];
        Assert.Equal(0, CenteredKernelAlignment.Linear(x, y, 4), 9);
        Assert.True(double.IsNaN(CenteredKernelAlignment.Linear(x, [2, 2, 2, 2], 4)));
    }

    [Fact]
    public void Alignment_of_kernels_by_hand()
    {
        // One feature each: the squared correlation of (1, 2, 3) and (1, 2, 4), 27 / 28.
        Assert.Equal(27 / 28.0, CenteredKernelAlignment.Linear([1, 2, 3], [1, 2, 4], 3), 9);
    }
}
