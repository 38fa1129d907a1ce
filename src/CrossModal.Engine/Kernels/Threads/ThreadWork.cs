using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>How many threads a job of multiply-adds is worth.</summary>
internal static class ThreadWork
{
    /// <summary>
    /// Floating-point operations of about 2 microseconds of one thread: with fewer a second thread costs more to call than it saves.
    /// </summary>
    private static double Flops => Vector512.IsHardwareAccelerated ? 1 << 19 : 1 << 18;

    /// <summary>Threads for so many operations, from 1 to <paramref name="most"/>.</summary>
    public static int Parts(double flops, long most) => (int)Math.Clamp(flops / Flops, 1, Math.Max(1, most));
}
