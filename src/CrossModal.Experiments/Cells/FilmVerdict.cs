using CrossModal.Explain;

namespace CrossModal.Experiments.Cells;

/// <summary>Whether a map of a film is faithful, measured with half of the points and baselines of a full test.</summary>
/// <param name="Score">Insertion − deletion; null when taking patches away changes the decision no more than noise does.</param>
/// <param name="Chance">The score that a map must exceed to be better than chance.</param>
internal sealed record FilmVerdict(double? Score, double Chance)
{
    // Not public: it follows from the numbers, and is not written.
    internal FaithfulnessVerdict Verdict => Faithfulness.Judge(Score ?? double.NaN, Chance);

    /// <summary>What is kept of a measurement.</summary>
    public static FilmVerdict Of(Faithfulness measured) => new(double.IsNaN(measured.Score) ? null : measured.Score, measured.Chance);
}
