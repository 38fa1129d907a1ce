using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// Where the camera is: a pinhole 1 m from the board's centre, tilted by 16.26° from the vertical towards the viewer, so that
/// height moves things up the picture. Sine and cosine are 7/25 and 24/25, exact without trigonometry.
/// </summary>
internal static class Viewpoint
{
    /// <summary>Sine of the tilt.</summary>
    public const float Sine = 0.28f;

    /// <summary>Cosine of the tilt.</summary>
    public const float Cosine = 0.96f;

    /// <summary>Distance from the board's centre, metres.</summary>
    public const float Distance = 1.0f;

    /// <summary>y of the eye, metres.</summary>
    public const float EyeY = -Distance * Sine;

    /// <summary>z of the eye, metres.</summary>
    public const float EyeZ = Distance * Cosine;

    /// <summary>Focal length in picture sides.</summary>
    public const float Focal = 2.25f;

    /// <summary>Distance along the viewing direction, metres; what is nearer hides what is farther.</summary>
    public static float Depth(Point point) => Distance + (point.Y * Sine) - (point.Z * Cosine);

    /// <summary>The picture point of a point of the board frame, in picture sides from the top left corner.</summary>
    public static (float U, float V) Project(Point point)
    {
        var depth = Depth(point);
        var up = (point.Y * Cosine) + (point.Z * Sine);
        return (0.5f + (Focal * point.X / depth), 0.5f - (Focal * up / depth));
    }

    /// <summary>The line of sight through a picture point; the inverse of <see cref="Project"/>.</summary>
    public static Ray RayThrough(float u, float v)
    {
        float right = (u - 0.5f) / Focal, up = (0.5f - v) / Focal;
        var descent = 1 / (Cosine - (up * Sine));
        return new Ray(right * descent, (Sine + (up * Cosine)) * descent);
    }
}
