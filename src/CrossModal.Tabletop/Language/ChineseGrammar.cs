namespace CrossModal.Tabletop.Language;

/// <summary>The Chinese sentences of each task, as <see cref="Grammar"/> has the English ones.</summary>
internal static class ChineseGrammar
{
    /// <summary>Sentences of the task *pick*.</summary>
    public static TaskSentences Pick { get; } = new(
        Of("拿起{target}", "拿起{target 的}", "抓起{target 的}", "举起{target}", "把{target 的}拿起来", "请拿起{target 的}"),
        Of("把{target}抓起来", "把{target 的}举起来", "请举起{target}"));

    /// <summary>Sentences of the task *place*; the reference is the plate.</summary>
    public static TaskSentences Place { get; } = new(
        Of("把{target}放到{reference}上", "把{target 的}放在{reference 的}上", "将{target}放在{reference 的}上面", "把{target 的}移到{reference}上面",
            "请把{target}放到{reference}上面"),
        Of("将{target 的}放到{reference}上", "将{target}移到{reference 的}上", "请将{target}放在{reference}上", "把{target 的}放在{reference}上面"));

    /// <summary>Sentences of the task *push*.</summary>
    public static TaskSentences Push { get; } = new(
        Of("把{target}往{direction}推", "把{target 的}推到{direction}", "向{direction}推{target 的}", "将{target}移到{direction}",
            "请把{target 的}推向{direction}"),
        Of("往{direction}推{target}", "将{target 的}推到{direction}", "把{target}向{direction}推", "请将{target}推向{direction}"));

    /// <summary>Sentences of the task *relational*; the target goes by its shape alone.</summary>
    public static TaskSentences Relational { get; } = new(
        Of("拿起{reference}{relation}的{target shape}", "抓起{reference 的}{relation}的{target shape}", "举起{reference 的}{relation}的{target shape}",
            "把{reference}{relation}的{target shape}拿起来", "请拿起{reference}{relation}的{target shape}"),
        Of("把{reference 的}{relation}的{target shape}抓起来", "把{reference}{relation}的{target shape}举起来",
            "请举起{reference}{relation}的{target shape}"));

    private static Template[] Of(params string[] patterns) =>
        [.. patterns.Select(pattern => new Template(pattern, InstructionLanguage.Chinese))];
}
