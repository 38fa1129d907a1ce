namespace CrossModal.Tabletop.Learning;

/// <summary>What makes the recipe learn quickly and beyond the pairs it saw; each can be switched off to see what it does.</summary>
/// <remarks>
/// Held-out pairs make colour evidence against shape: a red star is never shown, so whatever is red speaks against "star". Partial names,
/// colours without a name and lessons in shapes are meant against that. What each lever does was measured: docs/results.md, "What in the
/// recipe does it".
/// </remarks>
public sealed record RecipeLevers
{
    /// <summary>Points shown before a move: 2, the thing meant and where it goes; or 1, wherever the expert is heading at that
    /// moment.</summary>
    public int Points { get; init; } = 2;

    /// <summary>Weight of telling, patch by patch and without words, the colour, the shape and the middle of what it shows; 0 for
    /// none.</summary>
    public float CueWeight { get; init; } = 0.3f;

    /// <summary>Share of names that leave out colour or shape where the rest finds the thing; 0 for none.</summary>
    public float PartialNames { get; init; } = 0.5f;

    /// <summary>Share of objects painted in a colour that has no name; 0 for none.</summary>
    public float UnnamedColors { get; init; } = 0.4f;

    /// <summary>Share of scenes in which every object has a colour without a name and a shape of its own, so that only shapes distinguish;
    /// 0 for none.</summary>
    public float ShapeLessons { get; init; } = 0.2f;
}
