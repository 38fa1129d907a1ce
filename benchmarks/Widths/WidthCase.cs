using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Widths;

/// <summary>One kernel at one size, of which both widths of vectors are measured.</summary>
/// <param name="Name">Kernel and size, without spaces.</param>
/// <param name="Read">Bytes that one call reads.</param>
/// <param name="Written">Bytes that one call writes.</param>
/// <param name="Flops">Operations of one call on the multipliers; a multiply-add counts two, and so does a lone product.</param>
/// <param name="Call">One call.</param>
internal sealed record WidthCase(string Name, long Read, long Written, double Flops, Action<Workers> Call);
