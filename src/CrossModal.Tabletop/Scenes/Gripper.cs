namespace CrossModal.Tabletop.Scenes;

/// <summary>The hand: two fingers that open along x, the tool point midway between their tips.</summary>
/// <param name="Tool">The tool point in the board frame, metres.</param>
/// <param name="Opening">Gap between the fingers, metres: <see cref="MaxOpening"/> when open, the object's width when holding, 0 when
/// closed on nothing.</param>
/// <param name="Held">Index of the held object, or -1.</param>
public readonly record struct Gripper(Point Tool, float Opening, int Held)
{
    /// <summary>Gap between the open fingers, metres.</summary>
    public const float MaxOpening = 0.076f;

    /// <summary>Radius of a finger, metres.</summary>
    public const float FingerRadius = 0.006f;

    /// <summary>An open, empty hand at a point.</summary>
    public static Gripper OpenAt(Point tool) => new(tool, MaxOpening, -1);

    /// <summary>Whether the fingers are commanded shut (holding or not).</summary>
    public bool IsClosed => Held >= 0 || Opening == 0;

    /// <summary>Distance of each finger's axis from the tool point along x, metres.</summary>
    public float FingerOffset => (Opening / 2) + FingerRadius;
}
