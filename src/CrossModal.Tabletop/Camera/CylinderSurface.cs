using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A cylinder: a pale flat top with a full-coloured edge, a dark wall.</summary>
internal readonly struct CylinderSurface(TabletopObject thing) : ISurface
{
    private readonly Paint _paint = Paint.Of(thing);

    public uint Shade(Ray ray)
    {
        var top = Layers.SquaredRadius(ray, thing, thing.Top);
        if (top <= 1)
            return top < 0.62f ? _paint.Light(0.5f) : _paint.Dark(0.95f);
        for (var layer = 1; layer <= Layers.Count; layer++)
        {
            if (Layers.SquaredRadius(ray, thing, Layers.Height(thing, layer)) <= 1)
                return _paint.Dark(0.6f);
        }

        return 0;
    }
}
