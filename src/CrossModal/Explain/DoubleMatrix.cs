namespace CrossModal.Explain;

/// <summary>Products of the small matrices that relevance is made of, in double precision.</summary>
internal static class DoubleMatrix
{
    /// <summary>I, <c>[N, N]</c>.</summary>
    public static double[,] Identity(int count)
    {
        var result = new double[count, count];
        for (var i = 0; i < count; i++) result[i, i] = 1;
        return result;
    }

    /// <summary><c>[M, K] · [K, N]</c>.</summary>
    public static double[,] Multiply(double[,] a, double[,] b)
    {
        var (rows, inner, columns) = (a.GetLength(0), a.GetLength(1), b.GetLength(1));
        if (b.GetLength(0) != inner)
            throw new ArgumentException($"RelevanceRules: [{rows}, {inner}] and [{b.GetLength(0)}, {columns}] have no product");
        var result = new double[rows, columns];
        for (var i = 0; i < rows; i++)
            for (var k = 0; k < inner; k++)
            {
                if (a[i, k] == 0) continue;
                for (var j = 0; j < columns; j++) result[i, j] += a[i, k] * b[k, j];
            }

        return result;
    }

    /// <summary><c>[M, N]</c> to <c>[N, M]</c>.</summary>
    public static double[,] Transpose(double[,] a)
    {
        var result = new double[a.GetLength(1), a.GetLength(0)];
        for (var i = 0; i < a.GetLength(0); i++)
            for (var j = 0; j < a.GetLength(1); j++) result[j, i] = a[i, j];
        return result;
    }

    /// <summary>The given rows and columns.</summary>
    public static double[,] Part(double[,] a, IReadOnlyList<int> rows, IReadOnlyList<int> columns)
    {
        var result = new double[rows.Count, columns.Count];
        for (var i = 0; i < rows.Count; i++)
            for (var j = 0; j < columns.Count; j++) result[i, j] = a[rows[i], columns[j]];
        return result;
    }

    /// <summary>Adds a part to the given rows and columns.</summary>
    public static void Add(double[,] to, IReadOnlyList<int> rows, IReadOnlyList<int> columns, double[,] part)
    {
        for (var i = 0; i < rows.Count; i++)
            for (var j = 0; j < columns.Count; j++) to[rows[i], columns[j]] += part[i, j];
    }
}
