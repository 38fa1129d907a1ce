namespace CrossModal.Tabletop.Language;

/// <summary>The sentences of each task: those of training, and others made of the same words.</summary>
internal static class Grammar
{
    /// <summary>Sentences of the task *pick*.</summary>
    public static IReadOnlyList<Template> Pick { get; } =
        [new("pick up the {target}"), new("grab the {target}"), new("lift the {target}"), new("take the {target}"),
            new("pick the {target} up"), new("lift up the {target}")];

    /// <summary>Sentences of the task *place*; the reference is the plate.</summary>
    public static IReadOnlyList<Template> Place { get; } =
        [new("place the {target} on the {reference}"), new("put the {target} on the {reference}"),
            new("set the {target} on the {reference}"), new("move the {target} onto the {reference}")];

    /// <summary>Sentences of the task *push*.</summary>
    public static IReadOnlyList<Template> Push { get; } =
        [new("push the {target} to the {direction}"), new("slide the {target} to the {direction}"),
            new("shove the {target} to the {direction}"), new("move the {target} to the {direction}")];

    /// <summary>Sentences of the task *relational*; the target goes by its shape alone.</summary>
    public static IReadOnlyList<Template> Relational { get; } =
        [new("pick up the {target shape} {relation} the {reference}"), new("grab the {target shape} {relation} the {reference}"),
            new("lift the {target shape} {relation} the {reference}"), new("take the {target shape} {relation} the {reference}")];

    /// <summary>Sentences of *pick* that training never says.</summary>
    public static IReadOnlyList<Template> UnseenPick { get; } =
        [new("lift the {target} up"), new("take the {target} up"), new("take up the {target}")];

    /// <summary>Sentences of *place* that training never says.</summary>
    public static IReadOnlyList<Template> UnseenPlace { get; } =
        [new("place the {target} onto the {reference}"), new("move the {target} on the {reference}"),
            new("on the {reference} put the {target}"), new("onto the {reference} set the {target}")];

    /// <summary>Sentences of *push* that training never says.</summary>
    public static IReadOnlyList<Template> UnseenPush { get; } =
        [new("to the {direction} push the {target}"), new("to the {direction} move the {target}"),
            new("slide to the {direction} the {target}"), new("shove to the {direction} the {target}")];

    /// <summary>Sentences of *relational* that training never says.</summary>
    public static IReadOnlyList<Template> UnseenRelational { get; } =
        [new("lift up the {target shape} {relation} the {reference}"), new("take up the {target shape} {relation} the {reference}"),
            new("pick the {target shape} {relation} the {reference} up"), new("lift the {target shape} {relation} the {reference} up")];
}
