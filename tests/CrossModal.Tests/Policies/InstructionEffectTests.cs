using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Tests.Policies;

public sealed class InstructionEffectTests
{
    [Fact]
    public void The_effect_is_the_change_between_two_instructions_for_the_same_picture()
    {
        var policy = SmallPolicy.Create().Policy;
        var input = SmallPolicy.Input(2, "pick up red cup", "cup", "red", "up");

        // States belong to the picture, not to the instruction.
        for (var i = 0; i < 2; i++)
            input.Proprioception!.Span.Slice(2 * i * 5, 5).CopyTo(input.Proprioception.Span.Slice((2 * i + 1) * 5, 5));
        var (effect, noise) = new InstructionEffect(input, 1).Measure(policy);
        var actions = SmallPolicy.Decide(policy, input)[0];
        double Change(int a, int b) => Math.Sqrt(Enumerable.Range(0, 3).Average(i => Math.Pow(actions[3 * a + i] - actions[3 * b + i], 2)));
        Assert.Equal((Change(0, 1) + Change(2, 3)) / 2, effect, 1e-6);
        Assert.InRange(noise, 1e-6, 0.1);
    }

    [Fact]
    public void A_policy_that_does_not_use_its_words_has_no_effect()
    {
        var policy = SmallPolicy.Create().Policy;
        foreach (var (name, tensor) in policy.Parameters())
            if (name.StartsWith("language.", StringComparison.Ordinal)) tensor.Span.Clear();
        var input = SmallPolicy.Input(1, "pick up red cup", "red up cup pick");
        input.Proprioception!.Span[..5].CopyTo(input.Proprioception.Span[5..]);
        Assert.Equal(0, new InstructionEffect(input, 1).Measure(policy).Effect, 1e-6);
    }

    [Fact]
    public void It_is_measured_at_the_first_step_the_last_and_a_twentieth_apart_but_not_more_often_than_every_200_steps()
    {
        static int[] Due(int steps) => [.. Enumerable.Range(1, steps).Where(s => InstructionEffect.IsDue(s, steps))];
        Assert.Equal([1, 50], Due(50));
        Assert.Equal([1, 200, 400, 600, 800, 1000], Due(1000));
        Assert.Equal(1 + 20, Due(8000).Length);
    }

    [Fact]
    public void Other_numbers_of_instructions_are_refused() =>
        Assert.Throws<ArgumentException>(() => new InstructionEffect(SmallPolicy.Input(2, "red", "cup"), 1));

    [Fact]
    public void A_report_of_training_gives_both_or_nothing()
    {
        TrainingReport Report(params KeyValuePair<string, double>[] metrics) =>
            new(1, 2, 1, 1, 1, 1, default, default, metrics);
        Assert.Null(InstructionEffect.Of(Report(new KeyValuePair<string, double>("move", 1))));
        Assert.Equal((0.5, 0.01), InstructionEffect.Of(Report(new KeyValuePair<string, double>(InstructionEffect.EffectName, 0.5),
            new KeyValuePair<string, double>(InstructionEffect.NoiseName, 0.01))));
    }
}
