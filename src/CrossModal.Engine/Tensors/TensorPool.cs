using System.Numerics;
using System.Runtime.InteropServices;

namespace CrossModal.Engine.Tensors;

/// <summary>Where tensors of a pass borrow their memory: pinned arrays, kept by size class and handed out 64-byte aligned.</summary>
/// <remarks>Safe for several threads. Four size classes per power of two, so at most a quarter of a block is unused.</remarks>
public sealed class TensorPool
{
    private const int Alignment = 64 / sizeof(float);
    private const int SmallestBlock = 64;
    private readonly Stack<float[]>?[] _free = new Stack<float[]>?[4 * 32];
    private readonly Lock _lock = new();
    private readonly bool _poison;
    private int _outstanding;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="poison">Fill every block with NaN before handing it out: a test's way to see reads of unwritten memory.</param>
    public TensorPool(bool poison = false) => _poison = poison;

    /// <summary>The pool passes use when they are given none.</summary>
    public static TensorPool Shared { get; } = new();

    /// <summary>Blocks handed out and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    internal Storage Rent(int length)
    {
        var (index, size) = SizeClass(length);
        float[]? memory = null;
        lock (_lock)
        {
            if (_free[index] is { Count: > 0 } stack) memory = stack.Pop();
        }

        // Pinned, so that the aligned offset stays aligned.
        memory ??= GC.AllocateUninitializedArray<float>(size + Alignment, pinned: true);
        if (_poison) memory.AsSpan().Fill(float.NaN);
        Interlocked.Increment(ref _outstanding);
        return new Storage(memory, AlignedStart(memory), this);
    }

    /// <summary>The first element of a pinned array that lies at a multiple of 64 bytes.</summary>
    internal static int AlignedStart(float[] pinned) =>
        (int)((-(long)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0) & 63) / sizeof(float));

    internal void Return(float[] memory)
    {
        var (index, _) = SizeClass(memory.Length - Alignment);
        lock (_lock) (_free[index] ??= new Stack<float[]>()).Push(memory);
        Interlocked.Decrement(ref _outstanding);
    }

    /// <summary>Gives the memory of all blocks not in use back to the runtime.</summary>
    public void Trim()
    {
        lock (_lock) Array.Clear(_free);
    }

    private static (int Index, int Size) SizeClass(int length)
    {
        if (length <= SmallestBlock) return (0, SmallestBlock);
        var exponent = BitOperations.Log2((uint)(length - 1));
        var quarter = 1 << (exponent - 2);
        var step = (length - 1 - (1 << exponent)) / quarter + 1;
        var size = (1L << exponent) + (long)step * quarter;
        return size + Alignment > Array.MaxLength
            ? throw new ShapeException("TensorPool", $"a block of {length} elements does not fit an array")
            : (4 * exponent + step - 1, (int)size);
    }
}
