using System.Runtime.InteropServices;

namespace CrossModal.Engine.Kernels;

/// <summary>A constant right operand B[K, N], copied once into the order in which <see cref="MatrixTile"/> reads it.</summary>
/// <remarks>Panels of 16 columns, each [K, 16] and adjacent to the next; the last is filled up with zeros.</remarks>
internal sealed unsafe class PackedMatrix
{
    private const nuint Alignment = 64;

    private readonly float* _memory;

    private PackedMatrix(int k, int n)
    {
        K = k;
        N = n;
        Panels = (int)(((long)n + MatrixTile.Columns - 1) / MatrixTile.Columns);
        Bytes = checked((long)Panels * MatrixTile.Columns * k * sizeof(float));
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(Bytes, sizeof(float)), Alignment);
        GC.AddMemoryPressure(Math.Max(Bytes, 1));
    }

    ~PackedMatrix()
    {
        NativeMemory.AlignedFree(_memory);
        GC.RemoveMemoryPressure(Math.Max(Bytes, 1));
    }

    /// <summary>Length of each sum.</summary>
    public int K { get; }

    /// <summary>Columns.</summary>
    public int N { get; }

    /// <summary>Panels of 16 columns.</summary>
    public int Panels { get; }

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>
    /// Packs B[k, n] whose element (p, j) is b[p * bRow + j * bCol]: a Linear weight [out, in] is k = in, n = out, bRow = 1, bCol = in.
    /// </summary>
    /// <exception cref="ArgumentException">A size or stride is negative, or the span is too short for them.</exception>
    public static PackedMatrix Pack(ReadOnlySpan<float> b, int k, int n, int bRow, int bCol)
    {
        if ((k | n) < 0) throw new ArgumentException($"PackedMatrix: a size is negative: k {k}, n {n}");
        if ((bRow | bCol) < 0) throw new ArgumentException($"PackedMatrix: a stride is negative: {bRow}, {bCol}");
        if (k > 0 && n > 0 && (long)(k - 1) * bRow + (long)(n - 1) * bCol >= b.Length)
            throw new ArgumentException($"PackedMatrix: b has {b.Length} elements, too few for [{k}, {n}] with strides {bRow}, {bCol}");
        var packed = new PackedMatrix(k, n);
        fixed (float* from = b) MatrixPacking.PackPanels(k, n, from, bRow, bCol, packed._memory);
        return packed;
    }

    /// <summary>Panel number <paramref name="index"/>, [K, 16]; valid as long as this object is reachable.</summary>
    public float* Panel(int index) => _memory + (nint)index * K * MatrixTile.Columns;
}
