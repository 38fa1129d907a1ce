using System.Runtime.InteropServices;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>
/// Floats between two pages that may not be touched, so that one element read or written outside ends the test run.
/// <see cref="AtEnd"/> places the floats against the page behind, otherwise they start right after the page in front.
/// On systems other than Linux it is ordinary memory, and <see cref="IsGuarded"/> says so.
/// </summary>
internal sealed unsafe class GuardedMemory : IDisposable
{
    private const int None = 0, Read = 1, Write = 2, Private = 2, Anonymous = 0x20;

    private readonly byte* _base;
    private readonly nuint _bytes;
    private readonly float* _floats;
    private readonly int _length;

    public GuardedMemory(int length, bool atEnd = true)
    {
        _length = length;
        AtEnd = atEnd;
        var page = (nuint)Environment.SystemPageSize;
        var body = ((nuint)length * sizeof(float) + page - 1) / page * page;
        if (body == 0) body = page;
        _bytes = body + 2 * page;
        if (!IsGuarded)
        {
            _base = (byte*)NativeMemory.AlignedAlloc(_bytes, page);
        }
        else
        {
            var address = mmap(null, _bytes, Read | Write, Private | Anonymous, -1, 0);
            if (address == (void*)-1) throw new InvalidOperationException("mmap failed");
            _base = (byte*)address;
            if (mprotect(_base, page, None) != 0 || mprotect(_base + page + body, page, None) != 0)
                throw new InvalidOperationException("mprotect failed");
        }

        _floats = atEnd ? (float*)(_base + page + body) - length : (float*)(_base + page);
        Span.Fill(float.NaN);
    }

    public GuardedMemory(ReadOnlySpan<float> content, bool atEnd = true) : this(content.Length, atEnd) => content.CopyTo(Span);

    public static bool IsGuarded => OperatingSystem.IsLinux();

    public bool AtEnd { get; }

    public Span<float> Span => new(_floats, _length);

    public static implicit operator Span<float>(GuardedMemory memory) => memory.Span;

    public static implicit operator ReadOnlySpan<float>(GuardedMemory memory) => memory.Span;

    public void Dispose()
    {
        if (IsGuarded) munmap(_base, _bytes);
        else NativeMemory.AlignedFree(_base);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", SetLastError = true)]
    private static extern int mprotect(void* address, nuint length, int protection);

    [DllImport("libc", SetLastError = true)]
    private static extern int munmap(void* address, nuint length);
}
