namespace CrossModal.Tabletop.Scenes;

/// <summary>Directions as coordinates: how far something lies along one, and how far beside it.</summary>
internal static class DirectionGeometry
{
    /// <summary>The unit step of a direction.</summary>
    /// <exception cref="ArgumentException">It is <see cref="Direction.None"/>.</exception>
    public static (float X, float Y) Step(this Direction direction) => direction switch
    {
        Direction.Left => (-1, 0),
        Direction.Right => (1, 0),
        Direction.Back => (0, 1),
        Direction.Front => (0, -1),
        _ => throw new ArgumentException($"DirectionGeometry: '{direction}' has no step.", nameof(direction)),
    };

    /// <summary>Where a point lies as seen from an origin: metres along the direction, and metres beside it (positive to the left of
    /// it).</summary>
    public static (float Along, float Beside) Split(this Direction direction, Point point, Point origin)
    {
        var (x, y) = direction.Step();
        float dx = point.X - origin.X, dy = point.Y - origin.Y;
        return ((dx * x) + (dy * y), (dy * x) - (dx * y));
    }

    /// <summary>The point that lies so far along the direction from another, at the same height.</summary>
    public static Point Shift(this Direction direction, Point point, float along)
    {
        var (x, y) = direction.Step();
        return point with { X = point.X + (x * along), Y = point.Y + (y * along) };
    }
}
