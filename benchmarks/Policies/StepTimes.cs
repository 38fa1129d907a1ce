namespace CrossModal.Benchmarks.Policies;

/// <summary>Medians of a control step's parts, microseconds.</summary>
/// <param name="PlainPreprocessing">Picture to planes, by the plain code.</param>
/// <param name="Eager">Planes to action, eagerly.</param>
/// <param name="Preprocessing">Picture to planes, vectorised.</param>
/// <param name="Compiled">Planes to action, compiled, the instruction being set.</param>
/// <param name="Flops">Floating-point operations of the compiled part.</param>
/// <param name="PeakFlops">Floating-point operations a microsecond at the multiply-add peak of the same rounds, one thread.</param>
internal sealed record StepTimes(double PlainPreprocessing, double Eager, double Preprocessing, double Compiled, double Flops,
    double PeakFlops)
{
    /// <summary>Of the compiled part: from planes to visual tokens.</summary>
    public double Vision { get; init; }

    /// <summary>Of the compiled part: the fusion.</summary>
    public double Fusion { get; init; }

    /// <summary>Of the compiled part: from the fused tokens to the action.</summary>
    public double Head { get; init; }

    /// <summary>Time of the compiled part at the multiply-add peak.</summary>
    public double Floor => Flops / PeakFlops;

    /// <summary>How many times as fast the whole compiled step is.</summary>
    public double Speedup => (PlainPreprocessing + Eager) / (Preprocessing + Compiled);
}
