namespace CrossModal.Tabletop.Language;

/// <summary>The sentences of a task in one language.</summary>
/// <param name="language">English or Chinese.</param>
/// <param name="trained">Patterns of the sentences it is asked in, as <see cref="Template"/> reads them.</param>
/// <param name="unseen">Patterns it is never asked in during training, made of the words of those it is.</param>
public sealed class TaskSentences(InstructionLanguage language, IReadOnlyList<string> trained, IReadOnlyList<string> unseen)
{
    /// <summary>The sentences it is asked in.</summary>
    public IReadOnlyList<Template> Trained { get; } = [.. trained.Select(pattern => new Template(pattern, language))];

    /// <summary>Those it is never asked in during training.</summary>
    public IReadOnlyList<Template> Unseen { get; } = [.. unseen.Select(pattern => new Template(pattern, language))];
}
