namespace CrossModal.Tabletop.Camera;

/// <summary>A rectangle of pixels; right and bottom are exclusive.</summary>
internal readonly record struct PixelBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>No pixel.</summary>
    public static PixelBox Empty => new(int.MaxValue, int.MaxValue, int.MinValue, int.MinValue);

    /// <summary>Whether there is no pixel in it.</summary>
    public bool IsEmpty => Left >= Right || Top >= Bottom;

    /// <summary>The smallest rectangle around both.</summary>
    public PixelBox Around(PixelBox other) =>
        new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>What lies in both.</summary>
    public PixelBox Within(PixelBox other) =>
        new(Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom));
}
