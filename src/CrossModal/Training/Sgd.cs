using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Training;

/// <summary>Stochastic gradient descent with momentum: v ← μv + (g + λθ), θ ← θ − lr·v.</summary>
/// <remarks>As torch.optim.SGD with dampening 0; the state is <c>momentum_buffer</c>, and nothing when μ is 0.</remarks>
public sealed class Sgd : Optimizer
{
    private readonly float _momentum;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="groups">What to optimise; weight decay is a group's.</param>
    /// <param name="learningRate">Learning rate before group factors and schedule.</param>
    /// <param name="momentum">μ, in [0, 1).</param>
    /// <exception cref="ArgumentException">A number is outside its range, or a parameter is given twice.</exception>
    public Sgd(IReadOnlyList<ParameterGroup> groups, double learningRate, double momentum = 0)
        : base(groups, learningRate, momentum == 0 ? [] : ["momentum_buffer"])
    {
        Require(momentum is >= 0 and < 1, $"the momentum must be in [0, 1), got {momentum}");
        _momentum = (float)momentum;
    }

    private protected override bool UpdatesSideBySide => true;

    /// <inheritdoc/>
    protected override void Update(in ParameterUpdate update)
    {
        var parameter = update.Parameter;
        var gradient = update.Gradient;
        var (rate, decay) = ((float)update.LearningRate, (float)update.WeightDecay);
        var velocity = update.State.IsEmpty ? default : update.State[0].AsSpan();
        var p = MemoryMarshal.Cast<float, Vector256<float>>(parameter);
        var g = MemoryMarshal.Cast<float, Vector256<float>>(gradient)[..p.Length];
        var v = MemoryMarshal.Cast<float, Vector256<float>>(velocity);
        for (var i = 0; i < p.Length; i++)
        {
            var slope = g[i] + decay * p[i];
            if (!v.IsEmpty) slope = v[i] = _momentum * v[i] + slope;
            p[i] -= rate * slope;
        }

        for (var i = p.Length * Vector256<float>.Count; i < parameter.Length; i++)
        {
            var slope = gradient[i] + decay * parameter[i];
            if (!velocity.IsEmpty) slope = velocity[i] = _momentum * velocity[i] + slope;
            parameter[i] -= rate * slope;
        }
    }
}
