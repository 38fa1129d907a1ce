using System.Globalization;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Sizes of a matrix product C = A B.</summary>
/// <param name="M">Rows of A and C.</param>
/// <param name="N">Columns of B and C.</param>
/// <param name="K">Columns of A, rows of B.</param>
/// <param name="Batch">How many of them make one call.</param>
internal sealed record ProductSize(int M, int N, int K, int Batch = 1)
{
    /// <summary>The products that are compared: those of attention layers, a large square, and those of a small policy's training
    /// step.</summary>
    public static IReadOnlyList<ProductSize> All { get; } =
    [
        new(16, 512, 512), new(196, 512, 512), new(1024, 768, 768), new(196, 3072, 768), new(64, 64, 64, 512), new(1024, 1024, 1024),
        new(4096, 128, 128), new(4096, 256, 128), new(768, 128, 128), new(128, 128, 4096),
    ];

    /// <summary>Floating-point operations of one call; a multiply-add counts two.</summary>
    public double Flops => 2.0 * M * N * K * Batch;

    /// <summary>The name in cases: <c>16x512x512</c>, <c>64x64x64b512</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{M}x{N}x{K}") + (Batch > 1 ? $"b{Batch}" : "");

    /// <summary>Reads a name.</summary>
    /// <exception cref="ArgumentException">It is not MxNxK or MxNxKbBATCH with numbers above 0.</exception>
    public static ProductSize Parse(string name)
    {
        var (sizes, batch) = name.Split('b') switch { [var s] => (s, "1"), [var s, var b] => (s, b), _ => ("", "") };
        int[] numbers = [.. sizes.Split('x').Append(batch)
            .Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)];
        return numbers.Length == 4 && numbers.All(n => n > 0)
            ? new(numbers[0], numbers[1], numbers[2], numbers[3])
            : throw new ArgumentException($"'{name}' is not a product like 16x512x512 or 64x64x64b512");
    }
}
