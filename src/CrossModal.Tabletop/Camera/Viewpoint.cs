using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// Where a camera is: a pinhole 1 m from the board's centre, tilted from the vertical, so that height moves things up the picture.
/// Sines and cosines are those of right triangles with whole sides, exact without trigonometry.
/// </summary>
internal sealed class Viewpoint
{
    private const float Distance = 1.0f;

    private readonly float _sine, _cosine, _focal, _towardsX, _towardsY, _eyeX, _eyeY, _eyeZ;

    /// <param name="sine">Sine of the tilt.</param>
    /// <param name="cosine">Cosine of the tilt.</param>
    /// <param name="focal">Focal length in picture sides.</param>
    /// <param name="towardsX">x of the unit step along the board in which the camera points.</param>
    /// <param name="towardsY">y of that step.</param>
    private Viewpoint(float sine, float cosine, float focal, float towardsX, float towardsY)
    {
        (_sine, _cosine, _focal, _towardsX, _towardsY) = (sine, cosine, focal, towardsX, towardsY);
        (_eyeX, _eyeY, _eyeZ) = (-Distance * sine * towardsX, -Distance * sine * towardsY, Distance * cosine);
    }

    // 16.26° from the vertical (7, 24, 25), seen from the front; 36.87° (3, 4, 5), seen from the right.
    private static Viewpoint Front { get; } = new(0.28f, 0.96f, 2.25f, 0, 1);

    private static Viewpoint Side { get; } = new(0.6f, 0.8f, 2.0f, -1, 0);

    /// <summary>The viewpoint of a view.</summary>
    /// <exception cref="ArgumentException">There is no such view.</exception>
    public static Viewpoint Of(CameraView view) => view switch
    {
        CameraView.Front => Front,
        CameraView.Side => Side,
        _ => throw new ArgumentException($"Viewpoint: there is no view '{view}'.", nameof(view)),
    };

    /// <summary>Distance along the viewing direction, metres; what is nearer hides what is farther.</summary>
    public float Depth(Point point) => Distance + (Away(point) * _sine) - (point.Z * _cosine);

    /// <summary>The picture point of a point of the board frame, in picture sides from the top left corner.</summary>
    public (float U, float V) Project(Point point)
    {
        var depth = Depth(point);
        var right = (point.X * _towardsY) - (point.Y * _towardsX);
        var up = (Away(point) * _cosine) + (point.Z * _sine);
        return (0.5f + (_focal * right / depth), 0.5f - (_focal * up / depth));
    }

    /// <summary>The line of sight through a picture point; the inverse of <see cref="Project"/>.</summary>
    public Ray RayThrough(float u, float v)
    {
        float right = (u - 0.5f) / _focal, up = (0.5f - v) / _focal;
        var descent = 1 / (_cosine - (up * _sine));
        float aside = right * descent, ahead = (_sine + (up * _cosine)) * descent;
        return new Ray(_eyeX, _eyeY, _eyeZ, (aside * _towardsY) + (ahead * _towardsX), (ahead * _towardsY) - (aside * _towardsX));
    }

    private float Away(Point point) => (point.X * _towardsX) + (point.Y * _towardsY);
}
