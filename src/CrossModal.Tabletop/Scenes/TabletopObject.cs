namespace CrossModal.Tabletop.Scenes;

/// <summary>One object: what it is and where it stands.</summary>
/// <param name="Kind">Colour and shape.</param>
/// <param name="Position">Centre of its base in the board frame, metres; z is 0 on the board.</param>
/// <param name="Radius">Half its width, metres: 2.5 to 3 cm for objects, 5 cm for plates. Contacts treat the footprint as this
/// disc.</param>
public readonly record struct TabletopObject(ObjectKind Kind, Point Position, float Radius)
{
    /// <summary>Radius of every plate, metres.</summary>
    public const float PlateRadius = 0.05f;

    /// <summary>Height of every plate, metres.</summary>
    public const float PlateHeight = 0.008f;

    /// <summary>How it is painted when its colour is <see cref="ObjectColor.Unnamed"/>; black, and without meaning, otherwise.</summary>
    internal Tint Tint { get; init; }

    /// <summary>Height from base to top, metres.</summary>
    public float Height => Kind.Shape switch
    {
        ObjectShape.Cup => 0.055f,
        ObjectShape.Ball => 2 * Radius,
        ObjectShape.Star => 0.045f,
        ObjectShape.Plate => PlateHeight,
        _ => 0.05f,
    };

    /// <summary>Height of the top above the board, metres.</summary>
    public float Top => Position.Z + Height;

    /// <summary>Whether this is a plate, which the hand neither grasps nor moves.</summary>
    public bool IsPlate => Kind.Shape == ObjectShape.Plate;

    /// <summary>The words and the place, for messages.</summary>
    public override string ToString() => $"{Kind} at ({Position.X:F3}, {Position.Y:F3}, {Position.Z:F3})";
}
