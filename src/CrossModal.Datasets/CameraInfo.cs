namespace CrossModal.Datasets;

/// <summary>A camera of a data set.</summary>
/// <param name="Name">Its name in the data set.</param>
/// <param name="Width">Pixels in a row of its pictures as recorded.</param>
/// <param name="Height">Rows of its pictures as recorded.</param>
/// <param name="Encoding">How its pictures are stored, by what the files hold: <c>PNG</c>, <c>JPEG</c>, <c>raw</c>, or a video's
/// codec.</param>
public sealed record CameraInfo(string Name, int Width, int Height, string Encoding)
{
    /// <summary>Pictures a second, in Hz; null where the data set does not say.</summary>
    public double? Rate { get; init; }
}
