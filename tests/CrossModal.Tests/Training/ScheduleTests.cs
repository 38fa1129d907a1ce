using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class ScheduleTests
{
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
    public void A_cosine_of_a_whole_wave_rises_again()
    {
        Equal([1, 0.5, 0, 0.5, 1, 0.5], Schedule.Cosine(0, 4, cycles: 1));
        Equal([1, Math.Sqrt(0.5) / 2 + 0.5, 0.5], Schedule.Cosine(0, 4, cycles: 0.5));
        Equal([1, 0.5, 1, 0.5, 0, 0], Schedule.CosineWithRestarts(0, 4, cycles: 2));
    }

    [Fact]
    public void A_polynomial_falls_to_its_end_and_stays()
    {
        Equal([1, 0.75, 0.5, 0.25, 0, 0], Schedule.Polynomial(0, 4));
        Equal([0, 1, 0.60625, 0.325, 0.15625, 0.1, 0.1], Schedule.Polynomial(1, 5, power: 2, end: 0.1));
    }

    [Fact]
    public void A_warm_up_beyond_the_end_is_finished_first()
    {
        // As transformers: what follows the warm-up is over at once.
        Equal([0, 0.25, 0.5, 0.75, 0, 0], Schedule.Linear(4, 2));
        Equal([0, 0.25, 0.5, 0.75, 1, 0], Schedule.Cosine(4, 2));
        Equal([0, 0.25, 0.5, 0.75, 1, 0], Schedule.CosineWithRestarts(4, 2));
        Equal([0, 0.25, 0.5, 0.75, 0.1, 0.1], Schedule.Polynomial(4, 2, end: 0.1));
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
        Assert.Contains("power", Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Polynomial(0, 5, power: 0)).Message);
        Assert.Contains("1.5", Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Polynomial(0, 5, end: 1.5)).Message);
        Assert.Contains("cycles", Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine(0, 5, double.NaN)).Message);
    }

    private static void Equal(double[] expected, Schedule schedule)
    {
        for (var step = 0; step < expected.Length; step++) Assert.Equal(expected[step], schedule.Factor(step), 1e-12);
    }
}
