namespace CrossModal.Tabletop.Splits;

/// <summary>What is new about the target of a split.</summary>
internal enum TargetNovelty
{
    /// <summary>Nothing: the task asked for such things in training.</summary>
    None,

    /// <summary>Its colour and shape were never seen together; see <see cref="HeldOutPairs"/>.</summary>
    Pair,

    /// <summary>The task never asked for such a thing; see <see cref="HeldOutTaskPairs"/>.</summary>
    ForTask,
}
