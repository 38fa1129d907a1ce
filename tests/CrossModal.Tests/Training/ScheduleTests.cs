using CrossModal.Training;
using Xunit.Abstractions;

namespace CrossModal.Tests.Training;

public sealed class ScheduleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("linear_warmup5_total50")]
    [InlineData("cosine_warmup10_total100")]
    [InlineData("cosine_nowarmup_total37")]
    [InlineData("cosine_restarts3_warmup4_total60")]
    public void Schedules_give_the_learning_rates_of_transformers(string name)
    {
        if (Golden.Find($"schedules/{name}") is not { } golden)
        {
            output.WriteLine("skipped: the reference files are not beside this repository");
            return;
        }

        var (warmUp, total) = ((int)golden.Config["num_warmup_steps"]!, (int)golden.Config["num_training_steps"]!);
        var schedule = name.StartsWith("linear", StringComparison.Ordinal) ? Schedule.Linear(warmUp, total)
            : name.Contains("restarts") ? Schedule.CosineWithRestarts(warmUp, total, (int)golden.Config["num_cycles"]!)
            : Schedule.Cosine(warmUp, total);
        var rates = golden.Tensors["out64/lr"].ToDoubles();
        Assert.Equal((int)golden.Config["steps_recorded"]!, rates.Length);
        for (var step = 0; step < rates.Length; step++)
            Assert.Equal(rates[step], golden.Number("base_lr", 0) * schedule.Factor(step), 1e-12);
    }

    [Fact]
    public void A_constant_schedule_rises_to_one_and_stays()
    {
        var schedule = Schedule.Constant(warmUp: 4);
        Assert.Equal([0, 0.25, 0.5, 0.75, 1, 1], Enumerable.Range(0, 6).Select(schedule.Factor));
        Assert.Equal(1, schedule.Factor(1_000_000));
        Assert.Equal(1, Schedule.Constant().Factor(0));
    }

    [Fact]
    public void A_cosine_is_one_half_in_the_middle_and_zero_at_the_end()
    {
        var schedule = Schedule.Cosine(10, 110);
        Assert.Equal(1, schedule.Factor(10));
        Assert.Equal(0.5, schedule.Factor(60), 1e-12);
        Assert.Equal(0, schedule.Factor(110), 1e-12);
    }

    [Fact]
    public void A_schedule_as_long_as_its_warm_up_does_not_divide_by_zero()
    {
        foreach (var schedule in (Schedule[])[Schedule.Linear(5, 5), Schedule.Cosine(5, 5), Schedule.CosineWithRestarts(5, 5)])
            for (var step = 0; step < 10; step++)
                Assert.InRange(schedule.Factor(step), 0, 1);
    }

    [Fact]
    public void Impossible_schedules_are_refused_with_the_number()
    {
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(-1)).Message);
        Assert.Contains("total", Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Linear(0, 0)).Message);
        Assert.Contains("cycles", Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine(0, 5, double.NaN)).Message);
    }
}
