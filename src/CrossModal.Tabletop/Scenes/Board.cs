namespace CrossModal.Tabletop.Scenes;

/// <summary>
/// The board everything stands on: a square of 0.40 m. Frame of the whole benchmark: metres, x right, y away from the
/// viewer, z up, origin at the centre of the board's surface.
/// </summary>
internal static class Board
{
    /// <summary>Half the side of the board, metres; also the unit of every normalised coordinate.</summary>
    public const float HalfSide = 0.20f;

    /// <summary>Largest |x| and |y| of the tool, metres.</summary>
    public const float ToolReach = 0.175f;

    /// <summary>Lowest height of the fingertips, metres.</summary>
    public const float ToolFloor = 0.01f;

    /// <summary>Greatest height of the fingertips, metres.</summary>
    public const float ToolCeiling = 0.20f;

    /// <summary>Divides each coordinate by <see cref="HalfSide"/>: x and y of the board become ±1, a height of 0.20 m becomes 1.</summary>
    public static Point Normalize(Point point) => new(point.X / HalfSide, point.Y / HalfSide, point.Z / HalfSide);

    /// <summary>The inverse of <see cref="Normalize"/>.</summary>
    public static Point Denormalize(Point point) => new(point.X * HalfSide, point.Y * HalfSide, point.Z * HalfSide);
}
