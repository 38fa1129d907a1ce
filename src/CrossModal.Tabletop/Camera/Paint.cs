using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>A colour with components 0 … 255, and the few things done to it while shading.</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
internal readonly record struct Paint(float R, float G, float B)
{
    /// <summary>The board.</summary>
    public static Paint Board { get; } = new(206, 200, 188);

    /// <summary>The table around the board.</summary>
    public static Paint Table { get; } = new(112, 106, 100);

    /// <summary>The fingers.</summary>
    public static Paint Finger { get; } = new(52, 54, 60);

    /// <summary>The paint of an object.</summary>
    public static Paint Of(TabletopObject thing) =>
        thing.Kind.IsNamed ? Of(thing.Kind.Color) : new(thing.Tint.R, thing.Tint.G, thing.Tint.B);

    /// <summary>The paint of a colour word.</summary>
    public static Paint Of(ObjectColor color) => color switch
    {
        ObjectColor.Red => new(205, 35, 40),
        ObjectColor.Green => new(35, 150, 60),
        ObjectColor.Blue => new(40, 85, 215),
        ObjectColor.Yellow => new(238, 208, 30),
        ObjectColor.Purple => new(135, 55, 170),
        ObjectColor.Orange => new(245, 130, 25),
        _ => throw new ArgumentException($"Paint: the colour '{color}' has no paint of its own.", nameof(color)),
    };

    /// <summary>Multiplied by a brightness of at most 1.</summary>
    public uint Dark(float brightness) => Pack(R * brightness, G * brightness, B * brightness);

    /// <summary>Mixed with white; 0 leaves it, 1 is white.</summary>
    public uint Light(float white) => Pack(R + ((255 - R) * white), G + ((255 - G) * white), B + ((255 - B) * white));

    /// <summary>How differently two paints are coloured, whatever their brightness: the distance of their components, each divided by the
    /// greatest.</summary>
    public float HueDistanceTo(Paint other)
    {
        float own = MathF.Max(R, MathF.Max(G, B)), its = MathF.Max(other.R, MathF.Max(other.G, other.B));
        float r = R / own - other.R / its, g = G / own - other.G / its, b = B / own - other.B / its;
        return MathF.Sqrt(r * r + g * g + b * b);
    }

    // The top byte marks "something was hit"; a miss is 0.
    private static uint Pack(float r, float g, float b) => 0xFF000000u | ((uint)r << 16) | ((uint)g << 8) | (uint)b;
}
