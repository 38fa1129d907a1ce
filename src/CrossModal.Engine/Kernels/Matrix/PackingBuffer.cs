using System.Runtime.InteropServices;

namespace CrossModal.Engine.Kernels;

/// <summary>Native scratch memory of one thread, kept between calls so that kernels allocate nothing; freed with its thread.</summary>
internal sealed unsafe class PackingBuffer
{
    /// <summary>Room for packed rows of A.</summary>
    public const int Left = 0;

    /// <summary>Room for packed panels of B.</summary>
    public const int Right = 1;

    /// <summary>Room for the tiles of an attention or softmax job, or for a product that is written transposed.</summary>
    public const int Tiles = 2;

    /// <summary>Room for the sums over stretches of k, until they are added.</summary>
    public const int Stretches = 3;

    /// <summary>Room for what a job sums up of all keys, while it calls for products.</summary>
    public const int Summaries = 4;

    /// <summary>Room for an image with its frame of zeros.</summary>
    public const int Framed = 5;

    /// <summary>Room for the windows of a stretch of positions of a convolution.</summary>
    public const int Windows = 6;

    private const int Slots = 7;
    private const nuint Alignment = 4096;

    [ThreadStatic] private static PackingBuffer? _mine;

    private readonly float*[] _memory = new float*[Slots];
    private readonly long[] _length = new long[Slots];

    private PackingBuffer()
    {
    }

    ~PackingBuffer()
    {
        foreach (var memory in _memory) NativeMemory.AlignedFree(memory);
    }

    /// <summary>
    /// At least <paramref name="length"/> floats, aligned to a page, content unspecified; valid on this thread until the
    /// same slot is asked for again.
    /// </summary>
    public static float* Rent(int slot, long length)
    {
        var mine = _mine ??= new PackingBuffer();
        if (mine._length[slot] < length) mine.Grow(slot, length);
        return mine._memory[slot];
    }

    private void Grow(int slot, long length)
    {
        var rounded = (length + 4095) / 4096 * 4096;
        NativeMemory.AlignedFree(_memory[slot]);
        _memory[slot] = null;
        _length[slot] = 0;
        _memory[slot] = (float*)NativeMemory.AlignedAlloc(checked((nuint)rounded * sizeof(float)), Alignment);
        _length[slot] = rounded;
    }
}
