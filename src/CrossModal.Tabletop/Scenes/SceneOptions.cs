using CrossModal.Engine.Tensors;

namespace CrossModal.Tabletop.Scenes;

/// <summary>How crowded a scene is. Plates and the references of relational tasks come on top.</summary>
/// <param name="MinObjects">Fewest objects, at least 1.</param>
/// <param name="MaxObjects">Most objects, at most 8.</param>
public sealed record SceneOptions(int MinObjects, int MaxObjects)
{
    /// <summary>4 objects, two colours by two shapes: every one has both distractors, so the picture does not determine which is meant.
    /// Used for evaluation.</summary>
    public static SceneOptions Full { get; } = new(4, 4);

    /// <summary>6 to 8 objects: more than training ever shows.</summary>
    public static SceneOptions Crowded { get; } = new(6, 8);

    /// <summary>2 to 4 objects: what training sees.</summary>
    public static SceneOptions Training { get; } = new(2, 4);

    /// <summary>1 to 2 objects: where a curriculum begins.</summary>
    public static SceneOptions Small { get; } = new(1, 2);

    /// <summary>Draws a number of objects.</summary>
    /// <exception cref="ArgumentException">The range is empty or outside 1 … 8.</exception>
    public int DrawCount(RandomSource random)
    {
        if (MinObjects < 1 || MaxObjects < MinObjects || MaxObjects > 8)
            throw new ArgumentException($"SceneOptions: {MinObjects} to {MaxObjects} objects; the range must lie in 1 to 8.");
        return MinObjects + random.NextInt(MaxObjects - MinObjects + 1);
    }
}
