namespace CrossModal.Training;

/// <summary>What the learning rate is multiplied by at each step: a linear warm-up from 0, then a decay.</summary>
/// <remarks>The formulas of transformers.optimization (<c>get_cosine_schedule_with_warmup</c> and relatives), in double precision.
/// Step 0 is the first: with a warm-up its factor is 0.</remarks>
public sealed record Schedule
{
    private Schedule(ScheduleKind kind, int warmUp, int total, double cycles = 0, double power = 1, double end = 0)
    {
        if (warmUp < 0) throw new ArgumentOutOfRangeException(nameof(warmUp),
            $"Schedule: the warm-up must be at least 0 steps, got {warmUp}");
        if (kind != ScheduleKind.Constant && total <= 0)
            throw new ArgumentOutOfRangeException(nameof(total), $"Schedule: the total must be at least 1 step, got {total}");
        if (!(cycles >= 0 && double.IsFinite(cycles)))
            throw new ArgumentOutOfRangeException(nameof(cycles),
                FormattableString.Invariant($"Schedule: cycles must be at least 0, got {cycles}"));
        if (!(power > 0 && double.IsFinite(power)))
            throw new ArgumentOutOfRangeException(nameof(power),
                FormattableString.Invariant($"Schedule: the power must be above 0, got {power}"));
        if (end is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(end),
                FormattableString.Invariant($"Schedule: the end must be in [0, 1], got {end}"));
        (Kind, WarmUpSteps, TotalSteps, Cycles, Power, End) = (kind, warmUp, total, cycles, power, end);
    }

    /// <summary>What happens after the warm-up.</summary>
    internal ScheduleKind Kind { get; }

    /// <summary>Steps over which the factor rises from 0 to 1.</summary>
    public int WarmUpSteps { get; }

    /// <summary>The step at which the decay ends; 0 for a constant schedule.</summary>
    public int TotalSteps { get; }

    /// <summary>Waves of the cosine (one half: from 1 down to 0), or number of falls with restarts.</summary>
    public double Cycles { get; }

    /// <summary>Power of the polynomial; 1 falls in a straight line.</summary>
    public double Power { get; }

    /// <summary>The factor a polynomial falls to.</summary>
    public double End { get; }

    /// <summary>1 throughout, after an optional warm-up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The warm-up is negative.</exception>
    public static Schedule Constant(int warmUp = 0) => new(ScheduleKind.Constant, warmUp, 0);

    /// <summary>A straight line to 0 at step <paramref name="total"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The warm-up is negative or the total not positive.</exception>
    public static Schedule Linear(int warmUp, int total) => new(ScheduleKind.Linear, warmUp, total);

    /// <summary>A cosine of <paramref name="cycles"/> waves; one half falls from 1 to 0 at step <paramref name="total"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The warm-up is negative, the total not positive or the cycles negative.</exception>
    public static Schedule Cosine(int warmUp, int total, double cycles = 0.5) => new(ScheduleKind.Cosine, warmUp, total, cycles);

    /// <summary>A polynomial from 1 down to <paramref name="end"/> at step <paramref name="total"/>, and that from there on.</summary>
    /// <param name="warmUp">Steps over which the factor rises from 0 to 1.</param>
    /// <param name="total">The step at which it ends.</param>
    /// <param name="power">How steep it is at first: the rest is (1 − progress) to this power.</param>
    /// <param name="end">The last factor, transformers' <c>lr_end</c> over the learning rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">The warm-up is negative, the total or the power not positive, or the end outside [0,
    /// 1].</exception>
    public static Schedule Polynomial(int warmUp, int total, double power = 1, double end = 0) =>
        new(ScheduleKind.Polynomial, warmUp, total, 0, power, end);

    /// <summary>A half cosine from 1 to 0, <paramref name="cycles"/> times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The warm-up is negative, the total not positive or the cycles negative.</exception>
    public static Schedule CosineWithRestarts(int warmUp, int total, double cycles = 1) =>
        new(ScheduleKind.CosineWithRestarts, warmUp, total, cycles);

    /// <summary>The factor of a step; the first is step 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double Factor(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmUpSteps) return (double)step / WarmUpSteps;
        double span = Math.Max(1, TotalSteps - WarmUpSteps);
        var progress = (step - WarmUpSteps) / span;
        return Kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Linear => Math.Max(0, (TotalSteps - step) / span),
            ScheduleKind.Polynomial => step > TotalSteps ? End : End + (1 - End) * Math.Pow(1 - progress, Power),
            ScheduleKind.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * Cycles * 2 * progress))),
            _ => progress >= 1 ? 0 : Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (Cycles * progress % 1)))),
        };
    }
}
