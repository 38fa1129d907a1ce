using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Kernels;

/// <summary>One kernel at one size.</summary>
/// <param name="Name">Kernel and size.</param>
/// <param name="Flops">Floating-point operations of the matrix products in one call; a multiply-add counts two, the softmax
/// nothing.</param>
/// <param name="Call">One call.</param>
internal sealed record KernelCase(string Name, double Flops, Action<Workers> Call);
