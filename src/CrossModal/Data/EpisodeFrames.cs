using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Data;

/// <summary>The numbered pictures of an episode's folder: <c>000.png</c>, or <c>.jpg</c> or <c>.jpeg</c>, and so on.</summary>
internal sealed class EpisodeFrames
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg"];
    private readonly string _folder;
    private readonly Dictionary<int, string> _files = [];

    /// <summary>Lists the pictures of a folder.</summary>
    /// <exception cref="FileFormatException">Two files are the same picture's.</exception>
    public EpisodeFrames(string folder)
    {
        _folder = folder;
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (!Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
                || !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || Name(number) != name) continue;
            if (!_files.TryAdd(number, file))
                throw new FileFormatException(file,
                $"there is also {Path.GetFileName(_files[number])}, and only one can be picture {number}");
        }
    }

    /// <summary>How many pictures there are.</summary>
    public int Count => _files.Count;

    /// <summary>The file of every action's picture.</summary>
    /// <param name="description">Says which picture belongs to which action.</param>
    /// <param name="actions">Number of actions T.</param>
    /// <exception cref="FileFormatException">A picture is missing, or there are more than T actions can have.</exception>
    public string[] For(EpisodeDescription description, int actions)
    {
        var files = new string[actions];
        for (var i = 0; i < actions; i++)
        {
            var number = description.PictureOf(i);
            files[i] = _files.TryGetValue(number, out var file)
                ? file
                : throw new FileFormatException(Path.Combine(_folder, Name(number) + Endings[0]),
                    $"is missing; actions.npy has {actions} steps{AtRates(description)}");
        }

        // One more may show how it ended: the picture at the time of an action that was not recorded.
        var most = description.PictureOf(actions);
        if (_files.Count > 0 && _files.Keys.Max() is var last && last > most)
            throw new FileFormatException(_folder,
                $"has pictures up to {Path.GetFileName(_files[last])}, but actions.npy has {actions} steps{AtRates(description)}, to which {Name(most)} is the last that can belong"
                + (description.Rates is null
                    ? "; if pictures were taken at another rate than actions, give \"picture_rate\" and \"action_rate\" (Hz) in " +
                    "episode.json" : ""));
        return files;
    }

    /// <summary>Decodes pictures one after the other.</summary>
    /// <param name="files">Their files.</param>
    /// <param name="side">Each is fitted into a square of this side, in pixels, and only that is kept; null keeps them as recorded.</param>
    /// <exception cref="FileFormatException">One is damaged, or not of the first one's size.</exception>
    public static RgbImage[] Decode(string[] files, int? side)
    {
        var frames = new RgbImage[files.Length];
        var (width, height) = (0, 0);
        for (var i = 0; i < files.Length; i++)
        {
            // At a low rate several actions in a row have the same picture.
            if (i > 0 && files[i] == files[i - 1])
            {
                frames[i] = frames[i - 1];
                continue;
            }

            var picture = Picture.Read(files[i]);
            if (i == 0) (width, height) = (picture.Width, picture.Height);
            if (picture.Width != width || picture.Height != height)
                throw new FileFormatException(files[i], $"is {picture.Width}×{picture.Height}, the first picture {width}×{height}");
            frames[i] = side is { } square ? Letterbox.Fit(width, height, square).Apply(picture) : picture;
        }

        return frames;
    }

    private static string Name(int number) => number.ToString("000", CultureInfo.InvariantCulture);

    private static string AtRates(EpisodeDescription description) =>
        description.Rates is { } r ? string.Create(CultureInfo.InvariantCulture, $" at {r.Actions} Hz and pictures come at {r.Pictures} Hz")
            : "";
}
