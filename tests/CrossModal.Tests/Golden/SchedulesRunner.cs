using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>Learning-rate lists of transformers against our schedules, to 1e-12.</summary>
internal static class SchedulesRunner
{
    private const double Allowed = 1e-12;

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var (warmUp, total) = (golden.Int("num_warmup_steps"), golden.Int("num_training_steps"));
        var schedule = golden.Class[(golden.Class.LastIndexOf('.') + 1)..] switch
        {
            "get_cosine_schedule_with_warmup" => Schedule.Cosine(warmUp, total),
            "get_cosine_with_hard_restarts_schedule_with_warmup" => Schedule.CosineWithRestarts(warmUp, total, golden.Int("num_cycles")),
            "get_linear_schedule_with_warmup" => Schedule.Linear(warmUp, total),
            var other => throw new InvalidDataException($"{golden.Name}: no schedule is '{other}'"),
        };
        Compare(golden, comparison, schedule, golden.Number("base_lr"));
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

        comparison.Seen(Stored);
    }
}
