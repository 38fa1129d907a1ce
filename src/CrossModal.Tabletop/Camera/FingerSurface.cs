using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>One finger: an upright bar, its end towards the camera lighter.</summary>
internal readonly struct FingerSurface(Point tip) : ISurface
{
    /// <summary>Half the depth of a finger along y, metres.</summary>
    public const float HalfDepth = 0.010f;

    /// <summary>Drawn length from the tip up, metres.</summary>
    public const float Length = 0.05f;

    public uint Shade(Ray ray)
    {
        if (Inside(ray, tip.Z + Length))
            return Paint.Finger.Light(0.3f);
        for (var layer = 1; layer <= Layers.Count; layer++)
        {
            if (Inside(ray, tip.Z + (Length * (Layers.Count - layer) / Layers.Count)))
                return Paint.Finger.Dark(1);
        }

        return 0;
    }

    private bool Inside(Ray ray, float z) =>
        MathF.Abs(ray.X(z) - tip.X) <= Gripper.FingerRadius && MathF.Abs(ray.Y(z) - tip.Y) <= HalfDepth;
}
