using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Training;

/// <summary>Stochastic gradient descent: g ← g + λθ; with momentum v ← μv + (1 − τ)g, θ ← θ − lr·v, or with Nesterov's θ ← θ − lr·(g +
/// μv).</summary>
/// <remarks>As torch.optim.SGD: the first v is g, undamped (Sutskever et al. 2013 put the learning rate inside v). The state is
/// <c>momentum_buffer</c>, and nothing when μ is 0.</remarks>
public sealed class Sgd : Optimizer
{
    private readonly float _momentum;
    private readonly float _fresh;
    private readonly bool _nesterov;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="groups">What to optimise; weight decay is a group's.</param>
    /// <param name="learningRate">Learning rate before group factors and schedule.</param>
    /// <param name="momentum">μ, in [0, 1).</param>
    /// <param name="dampening">τ, in [0, 1]: how much of a gradient does not enter the momentum.</param>
    /// <param name="nesterov">Whether the step is taken along g + μv instead of v; needs a momentum, without dampening.</param>
    /// <exception cref="ArgumentException">A number is outside its range, or a parameter is given twice.</exception>
    public Sgd(IReadOnlyList<ParameterGroup> groups, double learningRate, double momentum = 0, double dampening = 0, bool nesterov = false)
        : base(groups, learningRate, momentum == 0 ? [] : ["momentum_buffer"])
    {
        Require(momentum is >= 0 and < 1, $"the momentum must be in [0, 1), got {momentum}");
        Require(dampening is >= 0 and <= 1, $"the dampening must be in [0, 1], got {dampening}");
        Require(!nesterov || (momentum > 0 && dampening == 0),
            $"Nesterov needs a momentum and no dampening, got {momentum} and {dampening}");
        (_momentum, _fresh, _nesterov) = ((float)momentum, (float)(1 - dampening), nesterov);
    }

    private protected override bool UpdatesSideBySide => true;

    /// <inheritdoc/>
    private protected override void Update(in ParameterUpdate update)
    {
        var parameter = update.Parameter;
        var gradient = update.Gradient;
        var (rate, decay) = ((float)update.LearningRate, (float)update.WeightDecay);
        var fresh = update.Step == 1 ? 1 : _fresh;
        var velocity = update.State.IsEmpty ? default : update.State[0].AsSpan();
        var p = MemoryMarshal.Cast<float, Vector256<float>>(parameter);
        var g = MemoryMarshal.Cast<float, Vector256<float>>(gradient)[..p.Length];
        var v = MemoryMarshal.Cast<float, Vector256<float>>(velocity);
        for (var i = 0; i < p.Length; i++)
        {
            var slope = g[i] + decay * p[i];
            if (!v.IsEmpty)
            {
                v[i] = _momentum * v[i] + fresh * slope;
                slope = _nesterov ? slope + _momentum * v[i] : v[i];
            }

            p[i] -= rate * slope;
        }

        for (var i = p.Length * Vector256<float>.Count; i < parameter.Length; i++)
        {
            var slope = gradient[i] + decay * parameter[i];
            if (!velocity.IsEmpty)
            {
                velocity[i] = _momentum * velocity[i] + fresh * slope;
                slope = _nesterov ? slope + _momentum * velocity[i] : velocity[i];
            }

            parameter[i] -= rate * slope;
        }
    }
}
