using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class Im2Col
{
    /// <summary>Sixteen positions: of one line of the result, or of two lines of eight.</summary>
    private interface IPositions
    {
        /// <summary>Copies what a place of the window sees from them; <paramref name="step"/> leads from the first line to the second.
        /// Reads at most one float past what is copied.</summary>
        static abstract void Copy(float* from, nint step, float* to);
    }

    /// <summary>Whole panels of maps whose lines are as wide as a panel, a multiple of it, or half of it.</summary>
    private static void WritePanels(in ConvolutionShape s, in Frame frame, int first, int end, float* panels)
    {
        switch (s.OutWidth == Lanes, s.Stride)
        {
            case (false, 1): WritePanels<OneLine>(s, frame, first, end, panels); break;
            case (false, 2): WritePanels<OneLineOfTwice>(s, frame, first, end, panels); break;
            case (true, 1): WritePanels<TwoLines>(s, frame, first, end, panels); break;
            case (true, 2): WritePanels<TwoLinesOfTwice>(s, frame, first, end, panels); break;
        }
    }

    /// <summary>Panel after panel, so that what is written lies side by side and what is read stays in the first cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WritePanels<TPositions>(in ConvolutionShape s, in Frame frame, int first, int end, float* panels)
        where TPositions : struct, IPositions
    {
        var (step, lines, width) = (frame.Step(s), s.Channels * s.KernelHeight, s.KernelWidth);
        for (; first < end; first += MatrixTile.Columns)
        {
            var (y, x) = Math.DivRem(first, s.OutWidth);
            var at = y * step + (nint)x * s.Stride;
            for (var line = 0; line < lines; line++)
            {
                var from = frame.Line(s, line) + at;
                for (var kx = 0; kx < width; kx++, panels += MatrixTile.Columns) TPositions.Copy(from + kx, step, panels);
            }
        }
    }

    private readonly struct OneLine : IPositions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Copy(float* from, nint step, float* to)
        {
            Vector256.Load(from).Store(to);
            Vector256.Load(from + Lanes).Store(to + Lanes);
        }
    }

    private readonly struct OneLineOfTwice : IPositions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Copy(float* from, nint step, float* to)
        {
            EvenOfSixteen(from).Store(to);
            EvenOfSixteen(from + 2 * Lanes).Store(to + Lanes);
        }
    }

    private readonly struct TwoLines : IPositions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Copy(float* from, nint step, float* to)
        {
            Vector256.Load(from).Store(to);
            Vector256.Load(from + step).Store(to + Lanes);
        }
    }

    private readonly struct TwoLinesOfTwice : IPositions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Copy(float* from, nint step, float* to)
        {
            EvenOfSixteen(from).Store(to);
            EvenOfSixteen(from + step).Store(to + Lanes);
        }
    }
}
