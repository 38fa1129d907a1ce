using CrossModal.Engine.Tensors;

namespace CrossModal.Imitation;

/// <summary>How a picture is changed for training: shifted, its edge repeated, and made darker or brighter.</summary>
/// <param name="Dx">Pixels to the left.</param>
/// <param name="Dy">Pixels up.</param>
/// <param name="Brightness">Factor of all numbers, which stay at most 1.</param>
internal readonly record struct PictureChange(int Dx, int Dy, float Brightness)
{
    private const int MostShift = 4;
    private const float MostBrightness = 0.2f;

    /// <summary>Draws a change: up to 4 pixels and a fifth of the brightness.</summary>
    public static PictureChange Draw(RandomSource random) => new(random.NextInt(2 * MostShift + 1) - MostShift,
        random.NextInt(2 * MostShift + 1) - MostShift, 1 + MostBrightness * (2 * random.NextSingle() - 1));

    /// <summary>Changes a picture.</summary>
    /// <param name="plain">Planes from 0 to 1, <c>[3, size, size]</c>.</param>
    /// <param name="size">Its side.</param>
    /// <param name="changed">Receives as many; other memory.</param>
    public void Apply(ReadOnlySpan<float> plain, int size, Span<float> changed)
    {
        for (var c = 0; c < 3; c++)
            for (var y = 0; y < size; y++)
                for (var x = 0; x < size; x++)
                {
                    var from = (c * size + Math.Clamp(y + Dy, 0, size - 1)) * size + Math.Clamp(x + Dx, 0, size - 1);
                    changed[(c * size + y) * size + x] = Math.Min(1, Brightness * plain[from]);
                }
    }
}
