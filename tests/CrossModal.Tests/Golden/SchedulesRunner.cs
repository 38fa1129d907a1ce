using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>Learning-rate lists of transformers against our schedules, to 1e-12.</summary>
internal static class SchedulesRunner
{
    private const double Allowed = 1e-12;

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var (rate, warmUp) = (golden.Number("base_lr"), golden.OptionalInt("num_warmup_steps") ?? 0);
        var schedule = golden.Class[(golden.Class.LastIndexOf('.') + 1)..] switch
        {
            "get_constant_schedule" or "get_constant_schedule_with_warmup" => Schedule.Constant(warmUp),
            "get_linear_schedule_with_warmup" => Schedule.Linear(warmUp, Total()),
            "get_cosine_schedule_with_warmup" => Schedule.Cosine(warmUp, Total(), golden.OptionalNumber("num_cycles") ?? 0.5),
            "get_cosine_with_hard_restarts_schedule_with_warmup" =>
                Schedule.CosineWithRestarts(warmUp, Total(), golden.OptionalNumber("num_cycles") ?? 1),
            "get_polynomial_decay_schedule_with_warmup" =>
                Schedule.Polynomial(warmUp, Total(), golden.OptionalNumber("power") ?? 1, (golden.OptionalNumber("lr_end") ?? 1e-7) / rate),
            var other => throw new InvalidDataException($"{golden.Name}: no schedule is '{other}'"),
        };
        if (schedule.Kind == ScheduleKind.Constant) golden.Described("num_training_steps"); // a constant has no end
        comparison.States("steps_recorded", golden.Stored("out64/lr").Shape[0]);
        Compare(golden, comparison, schedule, rate);

        int Total() => golden.Int("num_training_steps");
    }

    /// <summary>Compares every learning rate stored.</summary>
    public static void Compare(GoldenCase golden, Comparison comparison, Schedule schedule, double rate)
    {
        const string Stored = "out64/lr";
        var rates = golden.Stored(Stored).ToDoubles();
        for (var step = 0; step < rates.Length; step++)
        {
            var mine = rate * schedule.Factor(step);
            comparison.That(Math.Abs(mine - rates[step]) <= Allowed, $"{Stored}: step {step}: computed {mine:R}, stored {rates[step]:R}");
        }

        comparison.MarkCompared(Stored);
    }
}
