using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>The cameras of a robot: the front one, and with two views the side one. May serve many threads, each with its own
/// frames.</summary>
public sealed class CameraRig
{
    /// <summary>The most views there are.</summary>
    public static readonly int MostViews = Enum.GetValues<CameraView>().Length;

    private readonly TabletopCamera[] _cameras;

    /// <summary>Creates the cameras.</summary>
    /// <param name="size">Pixels along each side of their pictures.</param>
    /// <param name="views">Number of views.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size or the number of views is not possible.</exception>
    public CameraRig(int size = 64, int views = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(views, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(views, MostViews);
        _cameras = [.. Enumerable.Range(0, views).Select(view => new TabletopCamera(size, (CameraView)view))];
    }

    /// <summary>The cameras, the front one first.</summary>
    public IReadOnlyList<TabletopCamera> Cameras => _cameras;

    /// <summary>Frames for one picture of each camera.</summary>
    public CameraFrame[] NewFrames() => Array.ConvertAll(_cameras, camera => new CameraFrame(camera.Size));

    /// <summary>Draws a state with every camera.</summary>
    /// <param name="scene">The state.</param>
    /// <param name="frames">A frame for each camera.</param>
    /// <param name="appearance">Light, texture and paint; the plain ones when null.</param>
    /// <exception cref="ArgumentException">The number or size of the frames does not fit.</exception>
    public void Render(Scene scene, ReadOnlySpan<CameraFrame> frames, Appearance? appearance = null)
    {
        if (frames.Length != _cameras.Length)
            throw new ArgumentException($"CameraRig: {frames.Length} frames for {_cameras.Length} cameras.", nameof(frames));
        for (var i = 0; i < frames.Length; i++)
            _cameras[i].Render(scene, frames[i], appearance);
    }
}
