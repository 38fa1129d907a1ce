using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>Colours that no word of the benchmark names: well away from the six that have one, light or dark, and from the board.</summary>
internal static class UnnamedColors
{
    /// <summary>Least distance from each named colour, and from the board, as components divided by the greatest; named colours are 0.34
    /// apart or more.</summary>
    public const float LeastDistance = 0.3f;

    private const float LeastBrightness = 90;

    /// <summary>Draws one.</summary>
    public static Tint Draw(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        while (true)
        {
            var tint = new Tint((byte)random.NextInt(256), (byte)random.NextInt(256), (byte)random.NextInt(256));
            if (IsUnnamed(tint)) return tint;
        }
    }

    /// <summary>Whether a colour is far enough from all that have a name, and bright enough to be seen.</summary>
    public static bool IsUnnamed(Tint tint)
    {
        var paint = new Paint(tint.R, tint.G, tint.B);
        if (MathF.Max(paint.R, MathF.Max(paint.G, paint.B)) < LeastBrightness || paint.HueDistanceTo(Paint.Board) < LeastDistance)
            return false;
        for (var color = ObjectColor.Red; color < ObjectColor.Unnamed; color++)
            if (paint.HueDistanceTo(Paint.Of(color)) < LeastDistance) return false;
        return true;
    }
}
