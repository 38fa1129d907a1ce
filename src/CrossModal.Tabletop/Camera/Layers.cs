using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// Walls are found by asking at a few heights, from the top down, whether the ray is inside the outline. From nearly above a
/// wall is two pixels deep, so five heights miss nothing that a sample could show; from the side they are 8 mm apart.
/// </summary>
internal static class Layers
{
    /// <summary>Number of heights asked below the top.</summary>
    public const int Count = 5;

    /// <summary>Height of a layer; 0 is the top, <see cref="Count"/> the base.</summary>
    public static float Height(TabletopObject thing, int layer) => thing.Position.Z + (thing.Height * (Count - layer) / Count);

    /// <summary>Squared distance from the object's axis where the ray passes a height, in squared radii.</summary>
    public static float SquaredRadius(Ray ray, TabletopObject thing, float z)
    {
        float dx = ray.X(z) - thing.Position.X, dy = ray.Y(z) - thing.Position.Y;
        return ((dx * dx) + (dy * dy)) / (thing.Radius * thing.Radius);
    }
}
