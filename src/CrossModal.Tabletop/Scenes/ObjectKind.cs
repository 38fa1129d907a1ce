namespace CrossModal.Tabletop.Scenes;

/// <summary>A colour and a shape: what an instruction can say about an object.</summary>
/// <param name="Color">The colour.</param>
/// <param name="Shape">The shape.</param>
public readonly record struct ObjectKind(ObjectColor Color, ObjectShape Shape)
{
    /// <summary>Number of colours that have a name.</summary>
    public const int ColorCount = 6;

    /// <summary>Number of shapes that can be grasped; the plate is not one of them.</summary>
    public const int GraspableShapeCount = 5;

    /// <summary>Whether its colour has a name.</summary>
    public bool IsNamed => Color != ObjectColor.Unnamed;

    /// <summary>The words, for example "red cup".</summary>
    public override string ToString() => $"{Color} {Shape}".ToLowerInvariant();
}
