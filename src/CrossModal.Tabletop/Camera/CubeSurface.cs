using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A cube along the axes: a light top, a dark face towards the viewer, half-dark sides.</summary>
internal readonly struct CubeSurface(TabletopObject thing) : ISurface
{
    private readonly Paint _paint = Paint.Of(thing);

    public uint Shade(Ray ray)
    {
        if (Inside(ray, thing.Top))
            return _paint.Light(0.12f);
        for (var layer = 1; layer <= Layers.Count; layer++)
        {
            var z = Layers.Height(thing, layer);
            if (Inside(ray, z))
                return _paint.Dark(ray.Y(z) - thing.Position.Y < -thing.Radius * 0.75f ? 0.55f : 0.75f);
        }

        return 0;
    }

    private bool Inside(Ray ray, float z) =>
        MathF.Abs(ray.X(z) - thing.Position.X) <= thing.Radius && MathF.Abs(ray.Y(z) - thing.Position.Y) <= thing.Radius;
}
