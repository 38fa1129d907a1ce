using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A ball lit from the upper left, with a highlight.</summary>
internal readonly struct BallSurface(TabletopObject thing) : ISurface
{
    private readonly Paint _paint = Paint.Of(thing);

    public uint Shade(Ray ray)
    {
        // Along the ray, z falling by one: position (X, Y, z), direction (SlopeX, SlopeY, -1).
        var centerZ = thing.Position.Z + thing.Radius;
        float px = ray.X(centerZ) - thing.Position.X, py = ray.Y(centerZ) - thing.Position.Y;
        float a = 1 + (ray.SlopeX * ray.SlopeX) + (ray.SlopeY * ray.SlopeY);
        var b = (px * ray.SlopeX) + (py * ray.SlopeY);
        var discriminant = (b * b) - (a * ((px * px) + (py * py) - (thing.Radius * thing.Radius)));
        if (discriminant < 0)
            return 0;
        var t = (-b - MathF.Sqrt(discriminant)) / a;
        float nx = (px + (t * ray.SlopeX)) / thing.Radius, ny = (py + (t * ray.SlopeY)) / thing.Radius, nz = -t / thing.Radius;
        var light = (-0.48f * nx) + (0.36f * ny) + (0.8f * nz);
        return light > 0.95f ? _paint.Light(0.8f) : _paint.Dark(MathF.Min(1, 0.35f + (0.75f * MathF.Max(0, light))));
    }
}
