namespace CrossModal.Explain.Monitor;

/// <summary>The threshold that the score of a new success exceeds with probability at most α, from the scores of n successes (split
/// conformal prediction; Vovk et al. 2005).</summary>
/// <remarks>The ⌈(n + 1)(1 − α)⌉-th smallest score: exact for every n when successes are exchangeable, where a plain quantile of the n
/// scores stops too often.</remarks>
internal static class ConformalRank
{
    /// <summary>Fewest successes for a share of false stops.</summary>
    /// <param name="alpha">α.</param>
    public static int Least(double alpha) => (int)Math.Ceiling(1 / alpha - 1 - 1e-9);

    /// <summary>The threshold.</summary>
    /// <param name="scores">Largest score of each success.</param>
    /// <param name="alpha">α, above 0 and below 1.</param>
    /// <exception cref="ArgumentException">There are too few successes for this α.</exception>
    public static float Threshold(IReadOnlyList<float> scores, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(alpha, 1);
        var rank = (int)Math.Ceiling((scores.Count + 1) * (1 - alpha) - 1e-9);
        if (rank > scores.Count)
            throw new ArgumentException(FormattableString.Invariant(
                $"{scores.Count} successes are too few to stop at most {alpha:0.###} of them by mistake: at least {Least(alpha)} are needed"));
        return scores.Order().ElementAt(rank - 1);
    }
}
