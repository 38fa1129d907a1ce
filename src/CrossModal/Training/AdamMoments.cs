using CrossModal.Engine.Kernels;

namespace CrossModal.Training;

/// <summary>What Adam and AdamW share: the running moments, their names and the corrections for having started at zero.</summary>
internal sealed class AdamMoments(double beta1, double beta2, double epsilon)
{
    public static string[] Names(bool amsGrad) => amsGrad ? ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] : ["exp_avg", "exp_avg_sq"];

    /// <summary>What is wrong with the constants, or null.</summary>
    public FormattableString? Problem
    {
        get
        {
            if (beta1 is not (>= 0 and < 1) || beta2 is not (>= 0 and < 1)) return $"betas must be in [0, 1), got {beta1} and {beta2}";
            if (epsilon is not (>= 0 and <= float.MaxValue)) return $"epsilon must be at least 0 and finite, got {epsilon}";
            return null;
        }
    }

    /// <summary>Runs one update.</summary>
    /// <param name="update">The parameter.</param>
    /// <param name="keep">What the parameter is multiplied by first (decoupled decay).</param>
    /// <param name="penalty">What the parameter adds to its gradient (L2 decay).</param>
    public void Update(in ParameterUpdate update, double keep, double penalty)
    {
        var numbers = new AdamNumbers(
            keep,
            penalty,
            beta1,
            beta2,
            update.LearningRate / (1 - Math.Pow(beta1, update.Step)),
            Math.Sqrt(1 - Math.Pow(beta2, update.Step)),
            epsilon);
        var state = update.State;
        AdamKernel.Run(numbers, update.Gradient, update.Parameter, state[0], state[1], state.Length > 2 ? state[2] : default);
    }
}
