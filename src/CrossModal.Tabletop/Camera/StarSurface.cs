using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A thick five-pointed star, one point away from the viewer.</summary>
internal readonly struct StarSurface(TabletopObject thing) : ISurface
{
    /// <summary>Tip radius over the object's radius: the points reach a little beyond the footprint's disc.</summary>
    public const float TipReach = 1.25f;

    private const float InnerRatio = 0.42f;
    private const float Cos36 = 0.809016994f;
    private const float Sin36 = 0.587785252f;

    private readonly Paint _paint = Paint.Of(thing);

    public uint Shade(Ray ray)
    {
        if (Inside(ray, thing.Top))
            return _paint.Light(0.1f);
        for (var layer = 1; layer <= Layers.Count; layer++)
        {
            if (Inside(ray, Layers.Height(thing, layer)))
                return _paint.Dark(0.5f);
        }

        return 0;
    }

    // Folds the plane onto a tenth of the star, then asks on which side of its one edge the point lies.
    private bool Inside(Ray ray, float z)
    {
        var x = MathF.Abs(ray.X(z) - thing.Position.X);
        var y = ray.Y(z) - thing.Position.Y;
        var fold = 2 * MathF.Max(0, (x * Cos36) - (y * Sin36));
        x -= fold * Cos36;
        y += fold * Sin36;
        fold = 2 * MathF.Max(0, (-x * Cos36) - (y * Sin36));
        x = MathF.Abs(x + (fold * Cos36));
        y += fold * Sin36;
        var tip = thing.Radius * TipReach;
        float edgeX = InnerRatio * Sin36, edgeY = (InnerRatio * Cos36) - 1;
        return ((y - tip) * edgeX) - (x * edgeY) <= 0;
    }
}
