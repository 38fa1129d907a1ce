using System.Runtime.InteropServices;
using CrossModal.Fusion;

namespace CrossModal.Inference;

/// <summary>Remembers a frame by a few of its numbers, to notice that its memory holds another one.</summary>
internal sealed class FrameMark
{
    private const int Samples = 64;
    private ulong _mark;
    private bool _set;

    /// <summary>Remembers views.</summary>
    public void Set(ReadOnlySpan<Tokens?> views)
    {
        _mark = Of(views);
        _set = true;
    }

    /// <summary>Forgets the frame.</summary>
    public void Clear() => _set = false;

    /// <summary>Whether the views still hold what was remembered, as far as the samples show.</summary>
    public bool Matches(ReadOnlySpan<Tokens?> views) => _set && _mark == Of(views);

    private static ulong Of(ReadOnlySpan<Tokens?> views)
    {
        // FNV-1a over evenly spaced numbers.
        var hash = 14695981039346656037UL;
        foreach (var view in views)
        {
            if (view is null) continue;
            var bits = MemoryMarshal.Cast<float, uint>((ReadOnlySpan<float>)view.Values.Span);
            for (var i = 0; i < Samples && bits.Length > 0; i++)
                hash = (hash ^ bits[(int)((long)i * (bits.Length - 1) / (Samples - 1))]) * 1099511628211UL;
        }

        return hash;
    }
}
