namespace CrossModal.Tabletop.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Finished">Episodes finished.</param>
/// <param name="Total">Episodes in all.</param>
/// <param name="Successes">Successes so far.</param>
public readonly record struct EvaluationProgress(int Finished, int Total, int Successes);
