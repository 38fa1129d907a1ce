using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Tests.Ops;

/// <summary>Every operation's backward against differences of its forward.</summary>
/// <remarks>The loss is Σ output·R with a random R, summed in double. The derivative is the five-point difference with step h = 1/64, exact
/// in float32 for the inputs used, whose own error is h⁴/30 times a fifth derivative plus about 1e-7/h of rounding: 2e-4 + 1e-3·|gradient|
/// holds for all examples.</remarks>
public sealed class GradientTests
{
    private const float Step = 1f / 64;
    private const double Absolute = 2e-4;
    private const double Relative = 1e-3;

    public static IEnumerable<object[]> Numbered => Examples.All.Select((e, i) => new object[] { i, e.ToString() });

    [Fact]
    public void Every_operation_of_the_engine_has_an_example()
    {
        var operations = typeof(Operation).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Operation)) && !t.IsAbstract).ToHashSet();
        Assert.NotEmpty(operations);
        operations.ExceptWith(Examples.All.Select(e => e.Operation.GetType()));
        Assert.True(operations.Count == 0, $"no example of {string.Join(", ", operations.Select(o => o.Name))}");
    }

    [Theory]
    [MemberData(nameof(Numbered))]
    public void The_gradient_is_what_differences_of_the_forward_say(int example, string name)
    {
        var e = Examples.All[example];
        var projection = Projection(e);
        var all = Enumerable.Range(0, e.Inputs.Length).Where(i => e.Inputs[i].Differentiable).ToArray();
        var gradients = Backward(e, projection, all);
        foreach (var input in all)
        {
            var values = e.Inputs[input].Values;
            for (var i = 0; i < values.Shape.Length; i++)
            {
                var mine = gradients[input][i];
                var expected = float.IsInfinity(values.Span[i]) ? 0 : Difference(e, projection, input, i);
                Assert.True(
                    Math.Abs(mine - expected) <= Absolute + Relative * Math.Abs(expected),
                    $"{name}: input {input}, element {i}: backward says {mine:R}, differences say {expected:R}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Numbered))]
    public void A_gradient_does_not_depend_on_which_others_are_wanted(int example, string name)
    {
        var e = Examples.All[example];
        var projection = Projection(e);
        var all = Enumerable.Range(0, e.Inputs.Length).Where(i => e.Inputs[i].Differentiable).ToArray();
        var together = Backward(e, projection, all);
        foreach (var input in all)
        {
            var alone = Backward(e, projection, [input])[input];
            Assert.True(alone.AsSpan().SequenceEqual(together[input]), $"{name}: the gradient of input {input} alone differs");
        }
    }

    [Theory]
    [MemberData(nameof(Numbered))]
    public void A_recorded_forward_gives_the_bits_of_one_that_is_not(int example, string name)
    {
        var e = Examples.All[example];
        var pool = new TensorPool(poison: true);
        using (var recorded = Pass.Recording(pool: pool))
        using (var plain = Pass.Evaluation(pool: pool))
        {
            var inputs = Array.ConvertAll(e.Inputs, i => i.Values);
            var wanted = Array.ConvertAll(e.Inputs, i => i.Differentiable ? recorded.Differentiable(i.Values) : i.Values);
            var (first, second) = (recorded.ApplyAll(e.Operation, wanted), plain.ApplyAll(e.Operation, inputs));
            Assert.Equal(e.Operation.Infer(Array.ConvertAll(inputs, t => t.Shape)), first.Select(t => t.Shape));
            for (var i = 0; i < first.Count; i++)
            {
                Assert.True(first[i].Span.SequenceEqual(second[i].Span), $"{name}: output {i} differs, or is not all written");
                Assert.DoesNotContain(first[i].ToArray(), float.IsNaN);
            }
        }

        Assert.Equal(0, pool.Outstanding);
    }

    /// <summary>R, in the shape of the first output.</summary>
    private static Tensor Projection(Example e) =>
        Tensor.Uniform(e.Operation.Infer(Array.ConvertAll(e.Inputs, i => i.Values.Shape))[0], new RandomSource(77), -1, 1);

    /// <summary>The gradients of the wanted inputs, by number.</summary>
    private static Dictionary<int, float[]> Backward(Example e, Tensor projection, int[] wanted)
    {
        var pool = new TensorPool(poison: true);
        var result = new Dictionary<int, float[]>();
        using (var pass = Pass.Recording(pool: pool))
        {
            var inputs = e.Inputs.Select((o, i) => wanted.Contains(i) ? pass.Differentiable(o.Values) : o.Values).ToArray();
            var loss = pass.Sum(pass.Multiply(pass.Apply(e.Operation, inputs), projection));
            using var gradients = pass.Backward(loss);
            foreach (var i in wanted) result[i] = gradients[inputs[i]].ToArray();
        }

        Assert.Equal(0, pool.Outstanding);
        return result;
    }

    private static double Difference(Example e, Tensor projection, int input, int element)
    {
        double At(float shift) => Loss(e, projection, input, element, shift);
        return (8 * (At(Step) - At(-Step)) - (At(2 * Step) - At(-2 * Step))) / (12 * (double)Step);
    }

    private static double Loss(Example e, Tensor projection, int input, int element, float shift)
    {
        using var pass = Pass.Evaluation(workers: CrossModal.Engine.Kernels.Workers.Single);
        var inputs = Array.ConvertAll(e.Inputs, i => i.Values);
        inputs[input] = inputs[input].Copy();
        inputs[input].Span[element] += shift;
        var output = pass.Apply(e.Operation, inputs).Span;
        double sum = 0;
        for (var i = 0; i < output.Length; i++) sum += (double)output[i] * projection.Span[i];
        return sum;
    }
}
