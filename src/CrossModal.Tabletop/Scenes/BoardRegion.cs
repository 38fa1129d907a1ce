namespace CrossModal.Tabletop.Scenes;

/// <summary>A rectangle of the board, metres in its frame.</summary>
/// <param name="MinX">Left edge.</param>
/// <param name="MinY">Edge nearest to the viewer.</param>
/// <param name="MaxX">Right edge.</param>
/// <param name="MaxY">Edge farthest from the viewer.</param>
internal readonly record struct BoardRegion(float MinX, float MinY, float MaxX, float MaxY)
{
    /// <summary>Whether a point is over the rectangle, edges included; heights are ignored.</summary>
    public bool Contains(Point point) => point.X >= MinX && point.X <= MaxX && point.Y >= MinY && point.Y <= MaxY;
}
