using CrossModal.Engine.Recording;

namespace CrossModal.Training;

/// <summary>Keeps one bad batch from throwing the weights far away.</summary>
internal static class GradientClipping
{
    /// <summary>Scales all gradients together so that their norm is at most <paramref name="maxNorm"/>.</summary>
    /// <remarks>As torch's <c>clip_grad_norm_</c>: the factor is max / (norm + 1e-6), applied only when below 1. Every gradient that was
    /// collected counts: where only some parameters are trained, freeze the others or collect <see cref="Optimizer.Trained"/>
    /// alone.</remarks>
    /// <returns>The Euclidean norm before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The largest norm is not positive, or not finite.</exception>
    public static double ClipNorm(Gradients gradients, double maxNorm)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        var norm = gradients.Norm();
        Clip(gradients, norm, maxNorm);
        return norm;
    }

    /// <summary>The same for a norm that is known, of which these gradients may be a part.</summary>
    internal static void Clip(Gradients gradients, double norm, double maxNorm)
    {
        if (!(maxNorm > 0 && double.IsFinite(maxNorm)))
            throw new ArgumentOutOfRangeException(nameof(maxNorm),
                FormattableString.Invariant($"ClipNorm: the largest norm must be positive and finite, got {maxNorm}"));
        var factor = maxNorm / (norm + 1e-6);
        if (factor < 1) gradients.Scale((float)factor);
    }
}
