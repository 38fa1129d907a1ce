namespace CrossModal.Tabletop.Scenes;

/// <summary>A point or a displacement in the board frame: metres, x right, y away from the viewer, z up, origin at the board's
/// centre.</summary>
/// <param name="X">Metres to the right.</param>
/// <param name="Y">Metres away from the viewer.</param>
/// <param name="Z">Metres above the board.</param>
public readonly record struct Point(float X, float Y, float Z)
{
    /// <summary>Distance in the plane of the board, metres; heights are ignored.</summary>
    public float HorizontalDistanceTo(Point other)
    {
        float dx = other.X - X, dy = other.Y - Y;
        return MathF.Sqrt((dx * dx) + (dy * dy));
    }

    /// <summary>Distance in space, metres.</summary>
    public float DistanceTo(Point other)
    {
        float dx = other.X - X, dy = other.Y - Y, dz = other.Z - Z;
        return MathF.Sqrt((dx * dx) + (dy * dy) + (dz * dz));
    }
}
