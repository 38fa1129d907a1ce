using System.Runtime.InteropServices;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Bytes against one of two pages that may not be touched (see <see cref="GuardedMemory"/>).</summary>
internal sealed class GuardedBytes : IDisposable
{
    private readonly GuardedMemory _memory;
    private readonly int _start, _length;

    public GuardedBytes(ReadOnlySpan<byte> content, bool atEnd)
    {
        _memory = new GuardedMemory((content.Length + 3) / 4, atEnd);
        _length = content.Length;
        _start = atEnd ? MemoryMarshal.AsBytes(_memory.Span).Length - _length : 0;
        content.CopyTo(Span);
    }

    public Span<byte> Span => MemoryMarshal.AsBytes(_memory.Span).Slice(_start, _length);

    public static implicit operator Span<byte>(GuardedBytes bytes) => bytes.Span;

    public static implicit operator ReadOnlySpan<byte>(GuardedBytes bytes) => bytes.Span;

    public void Dispose() => _memory.Dispose();
}
