using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A plate: a full-coloured rim around a paler well.</summary>
internal readonly struct PlateSurface(TabletopObject thing) : ISurface
{
    private readonly Paint _paint = Paint.Of(thing);

    public uint Shade(Ray ray)
    {
        var top = Layers.SquaredRadius(ray, thing, thing.Top);
        if (top <= 1)
            return top < 0.5f ? _paint.Light(0.45f) : top < 0.6f ? _paint.Dark(0.7f) : _paint.Light(0.1f);
        return Layers.SquaredRadius(ray, thing, thing.Position.Z) <= 1 ? _paint.Dark(0.5f) : 0;
    }
}
