namespace CrossModal.Training;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019): θ ← (1 − lr·λ)θ, then Adam's step.</summary>
/// <remarks>As torch.optim.AdamW: the decay is multiplied by the scheduled learning rate. The state is <c>exp_avg</c>, <c>exp_avg_sq</c>
/// and, with AMSGrad (Reddi et al. 2018), <c>max_exp_avg_sq</c>.</remarks>
public sealed class AdamW : Optimizer
{
    private readonly AdamMoments _moments;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="groups">What to optimise; weight decay is a group's.</param>
    /// <param name="learningRate">Learning rate before group factors and schedule.</param>
    /// <param name="beta1">Decay of the gradient's running mean.</param>
    /// <param name="beta2">Decay of its square's running mean.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    /// <param name="amsGrad">Whether to divide by the largest mean square so far.</param>
    /// <exception cref="ArgumentException">A number is outside its range, or a parameter is given twice.</exception>
    public AdamW(
        IReadOnlyList<ParameterGroup> groups,
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        bool amsGrad = false)
        : base(groups, learningRate, AdamMoments.Names(amsGrad))
    {
        _moments = new AdamMoments(beta1, beta2, epsilon);
        if (_moments.Problem is { } problem) Require(false, problem);
    }

    private protected override bool UpdatesSideBySide => true;

    /// <inheritdoc/>
    private protected override void Update(in ParameterUpdate update) =>
        _moments.Update(update, 1 - update.LearningRate * update.WeightDecay, 0);
}
