using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A cup: a pale rim around a dark hollow, a tapering wall, a handle to the right and front.</summary>
internal readonly struct CupSurface(TabletopObject thing) : ISurface
{
    public const float HandleReach = 1.55f;
    private const float HandleX = 0.8f;
    private const float HandleY = -0.6f;

    private readonly Paint _paint = Paint.Of(thing);

    public uint Shade(Ray ray)
    {
        var top = Layers.SquaredRadius(ray, thing, thing.Top);
        if (top <= 1)
        {
            if (top > 0.55f)
                return _paint.Light(0.3f);
            return _paint.Dark(Layers.SquaredRadius(ray, thing, thing.Position.Z + 0.01f) < 0.45f ? 0.42f : 0.25f);
        }

        for (var layer = 1; layer <= Layers.Count; layer++)
        {
            var z = Layers.Height(thing, layer);
            var taper = 1 - (0.2f * layer / Layers.Count);
            if (Layers.SquaredRadius(ray, thing, z) <= taper * taper)
                return _paint.Dark(0.65f);
            if (layer <= 3 && OnHandle(ray, z))
                return _paint.Dark(0.85f);
        }

        return 0;
    }

    private bool OnHandle(Ray ray, float z)
    {
        float dx = (ray.X(z) - thing.Position.X) / thing.Radius, dy = (ray.Y(z) - thing.Position.Y) / thing.Radius;
        float along = (dx * HandleX) + (dy * HandleY), across = (dy * HandleX) - (dx * HandleY);
        return along is > 0 and < HandleReach && MathF.Abs(across) < 0.25f;
    }
}
