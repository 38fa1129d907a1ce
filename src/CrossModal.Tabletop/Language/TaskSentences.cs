namespace CrossModal.Tabletop.Language;

/// <summary>The sentences of a task in one language.</summary>
/// <param name="Trained">Those it is asked in.</param>
/// <param name="Unseen">Those it is never asked in during training, made of the words of those it is.</param>
public sealed record TaskSentences(IReadOnlyList<Template> Trained, IReadOnlyList<Template> Unseen);
