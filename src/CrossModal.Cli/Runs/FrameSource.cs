using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Runs;

/// <summary>Pictures that are replayed through a policy: of a folder, or random ones of a camera's size.</summary>
internal sealed class FrameSource
{
    private const int MostSide = 16_384;
    private const int RandomPictures = 4;
    private readonly Func<int, int, RgbImage> _picture;
    private readonly RgbImage[] _current;

    private FrameSource(int count, int cameras, Func<int, int, RgbImage> picture)
    {
        (Count, _picture) = (count, picture);
        _current = new RgbImage[cameras];
    }

    /// <summary>Number of frames.</summary>
    public int Count { get; }

    /// <summary>The pictures of a folder, in the order of their names.</summary>
    /// <param name="folder">Holds the pictures of the only camera, or a folder for each camera.</param>
    /// <param name="cameras">The cameras of the policy.</param>
    /// <exception cref="UsageException">A folder is missing or has no picture, or cameras do not have the same number.</exception>
    public static FrameSource Folder(string folder, IReadOnlyList<string> cameras)
    {
        if (!Directory.Exists(folder)) throw new UsageException($"--images: there is no folder '{folder}'");
        var files = cameras.Select(camera => Pictures(cameras.Count == 1 ? folder : Path.Combine(folder, camera))).ToList();
        for (var i = 1; i < files.Count; i++)
            if (files[i].Length != files[0].Length)
                throw new UsageException(
                    $"--images: the camera '{cameras[0]}' has {files[0].Length} pictures, '{cameras[i]}' has {files[i].Length}");
        return new FrameSource(files[0].Length, cameras.Count, (frame, camera) => Picture.Read(files[camera][frame]));
    }

    /// <summary>Random pictures.</summary>
    /// <param name="size">Such as <c>640x480</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="cameras">Number of cameras.</param>
    /// <exception cref="UsageException">The size is none.</exception>
    public static FrameSource Random(string size, int count, int cameras)
    {
        var sides = size.Split('x', 'X', '×');
        if (sides.Length != 2 || !int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || !int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var height) || width is < 1 or > MostSide
                || height is < 1 or > MostSide)
            throw new UsageException($"--camera-size: '{size}' is not a size such as 640x480, each side at most {MostSide}");
        var random = new Random(1);
        var pictures = new RgbImage[RandomPictures];
        for (var i = 0; i < pictures.Length; i++) random.NextBytes((pictures[i] = new RgbImage(width, height)).Pixels);
        return new FrameSource(count, cameras, (frame, camera) => pictures[(frame + camera) % RandomPictures]);
    }

    /// <summary>The observation of a frame.</summary>
    /// <param name="frame">Its number.</param>
    /// <param name="cameras">Names of the cameras.</param>
    /// <param name="state">The robot's state.</param>
    public Observation Observe(int frame, IReadOnlyList<string> cameras, ReadOnlySpan<float> state)
    {
        var observation = new Observation { State = state };
        for (var camera = 0; camera < cameras.Count; camera++)
            observation = observation.With(cameras[camera], _current[camera] = _picture(frame, camera));
        return observation;
    }

    private static string[] Pictures(string folder)
    {
        if (!Directory.Exists(folder)) throw new UsageException($"--images: there is no folder '{folder}'");
        var files = Directory.GetFiles(folder).Where(f => Path.GetExtension(f).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg")
            .Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? files : throw new UsageException($"--images: '{folder}' holds no picture (.png, .jpg)");
    }
}
