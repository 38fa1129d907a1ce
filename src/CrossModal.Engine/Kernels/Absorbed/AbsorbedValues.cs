using System.Runtime.InteropServices;

namespace CrossModal.Engine.Kernels;

// H heads, D width of a head, dv width of the tokens attended to.

/// <summary>
/// The weight and bias of a value projection, arranged so that they are applied after the weighted mean: head h gives
/// (P_h Y) Wv_h^T + bv_h, so that the tokens Y [Nk, dv] need not be projected.
/// </summary>
internal sealed unsafe class AbsorbedValues
{
    private const int Columns = MatrixTile.Columns;

    // Panels [dv, 16] of 16 columns of a head each, head after head, then the bias; pinned, so that the address stays.
    private readonly float[] _memory;
    private readonly float* _packed;

    private AbsorbedValues(int heads, int headDim, int valueWidth, bool hasBias)
    {
        (Heads, HeadDim, ValueWidth) = (heads, headDim, valueWidth);
        var weights = heads * HeadLength;
        _memory = AllocateAligned(weights + (long)heads * headDim, out _packed);
        Bias = hasBias ? _packed + weights : null;
    }

    /// <summary>Heads, H.</summary>
    public int Heads { get; }

    /// <summary>Width of a head, D.</summary>
    public int HeadDim { get; }

    /// <summary>Width of the tokens, dv.</summary>
    public int ValueWidth { get; }

    /// <summary>Memory held, in bytes, the bias apart.</summary>
    public long Bytes => (long)sizeof(float) * Heads * HeadDim * ValueWidth;

    /// <summary>The bias [H D], or null.</summary>
    public float* Bias { get; }

    private long HeadLength => (long)((HeadDim + Columns - 1) / Columns) * ValueWidth * Columns;

    /// <summary>Copies <paramref name="weight"/> [H D, dv] and <paramref name="bias"/> [H D] or empty.</summary>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static AbsorbedValues Pack(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int heads, int headDim, int valueWidth)
    {
        RowSplit.Check("AbsorbedValues", "weight", weight.Length, heads * headDim, valueWidth);
        RowSplit.Check("AbsorbedValues", "bias", bias.Length, 1, heads * headDim, mayBeEmpty: true);
        var values = new AbsorbedValues(heads, headDim, valueWidth, !bias.IsEmpty);
        if (!bias.IsEmpty) bias.CopyTo(new Span<float>(values.Bias, bias.Length));
        fixed (float* from = weight)
        {
            for (nint head = 0; head < heads; head++)
                MatrixPacking.PackPanels(valueWidth, headDim, from + head * headDim * valueWidth, 1, valueWidth,
                    values._packed + head * (nint)values.HeadLength);
        }

        return values;
    }

    /// <summary>Panel [dv, 16] with columns 16 <paramref name="panel"/> and up of a head.</summary>
    public float* PanelAt(int head, int panel) => _packed + (nint)head * (nint)HeadLength + (nint)panel * ValueWidth * Columns;

    /// <summary>Pinned memory of the garbage collector whose used part begins at a cache line.</summary>
    internal static float[] AllocateAligned(long length, out float* aligned)
    {
        const int line = 64;
        var memory = GC.AllocateArray<float>(checked((int)length + line / sizeof(float)), pinned: true);
        var address = (nint)Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        aligned = (float*)((address + line - 1) & ~(nint)(line - 1));
        return memory;
    }
}
