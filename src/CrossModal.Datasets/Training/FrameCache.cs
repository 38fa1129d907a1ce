using System.Collections;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using Microsoft.Win32.SafeHandles;

namespace CrossModal.Datasets;

/// <summary>Pictures of a data set in the size of training, decoded once and kept on disk: raw bytes of one picture after the other, a
/// file for each camera. Memory does not grow with the data set: a picture is read when it is asked for.</summary>
internal sealed class FrameCache : IDisposable
{
    private const string DescriptionName = "cache.json";
    private readonly int _side;
    private readonly (int First, int Length)[] _episodes;
    private readonly SafeFileHandle[] _files;

    private FrameCache(string folder, int side, IReadOnlyList<EpisodeInfo> episodes, int cameras)
    {
        (_side, _episodes) = (side, new (int, int)[episodes.Count]);
        for (var (i, first) = (0, 0); i < episodes.Count; first += episodes[i++].Length) _episodes[i] = (first, episodes[i].Length);
        _files = [.. Enumerable.Range(0, cameras).Select(c => File.OpenHandle(Path.Combine(folder, FileName(c))))];
    }

    /// <summary>Opens the cache of a data set, or decodes its pictures into a new one, which is written beside and renamed.</summary>
    /// <param name="parent">Folder of all caches.</param>
    /// <param name="key">Digest of the data set's files.</param>
    /// <param name="source">The data set.</param>
    /// <param name="choice">Which episodes and cameras.</param>
    /// <param name="side">Side of the square that pictures are fitted into, in pixels.</param>
    /// <param name="decoded">Called after each episode with how many are decoded; null for nobody.</param>
    /// <param name="cancellation">Stops the decoding; nothing is left of it.</param>
    /// <exception cref="FileFormatException">A picture is damaged, or a program that decodes it is not installed.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public static FrameCache Open(string parent, string key, RecordingSource source, DataChoice choice, int side,
        Action<int>? decoded = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(choice);
        var episodes = choice.Episodes(source);
        var description = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["format"] = "crossmodal-frames/1",
            ["key"] = key,
            ["side"] = side,
            ["cameras"] = new JsonArray([.. choice.Cameras.Select(c => (JsonNode)c)]),
            ["episodes"] = new JsonArray([.. episodes.Select(e => (JsonNode)new JsonObject { ["name"] = e.Name, ["length"] = e.Length })]),
        }.ToJsonString());
        var folder = Path.Combine(parent, Convert.ToHexStringLower(SHA256.HashData(description)[..8]));
        if (!IsWhole(folder, description, episodes, choice.Cameras.Count, side))
            Write(folder, description, source, choice, episodes, side, decoded, cancellation);
        return new FrameCache(folder, side, episodes, choice.Cameras.Count);
    }

    /// <summary>The pictures of an episode, read when they are taken; for several threads at once.</summary>
    /// <param name="episode">Its place among the episodes of the choice.</param>
    /// <param name="camera">The camera's place among those of the choice.</param>
    public IReadOnlyList<RgbImage> Frames(int episode, int camera) =>
        new CachedFrames(_files[camera], _side, _episodes[episode].First, _episodes[episode].Length);

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_files, file => file.Dispose());

    private static string FileName(int camera) => $"camera{camera}.rgb";

    private static bool IsWhole(string folder, byte[] description, IReadOnlyList<EpisodeInfo> episodes, int cameras, int side)
    {
        var path = Path.Combine(folder, DescriptionName);
        var bytes = episodes.Sum(e => (long)e.Length) * RgbImage.Channels * side * side;
        return File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(description)
            && Enumerable.Range(0, cameras).All(c => new FileInfo(Path.Combine(folder, FileName(c))) is { Exists: true } file
                && file.Length == bytes);
    }

    private static void Write(
        string folder, byte[] description, RecordingSource source, DataChoice choice, IReadOnlyList<EpisodeInfo> episodes, int side,
            Action<int>? decoded, CancellationToken cancellation)
    {
        var made = MissingFolders(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        var beside = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(beside);
            for (var c = 0; c < choice.Cameras.Count; c++)
            {
                using var file = new FileStream(Path.Combine(beside, FileName(c)), FileMode.CreateNew, FileAccess.Write, FileShare.None,
                    1 << 16);
                foreach (var (i, episode) in episodes.Index())
                {
                    var count = 0;
                    foreach (var picture in source.Frames(episode, choice.Cameras[c], side))
                    {
                        cancellation.ThrowIfCancellationRequested();
                        file.Write(picture.Pixels);
                        count++;
                    }

                    if (count != episode.Length) throw new FileFormatException(
                        source.Path, $"{episode.Name} has {count} pictures of {choice.Cameras[c]} for {episode.Length} steps");
                    decoded?.Invoke(c * episodes.Count + i + 1);
                }
            }

            File.WriteAllBytes(Path.Combine(beside, DescriptionName), description);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.Move(beside, folder);
        }
        catch
        {
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
            foreach (var each in made)
                if (Directory.Exists(each) && !Directory.EnumerateFileSystemEntries(each).Any()) Directory.Delete(each);
            throw;
        }
    }

    /// <summary>Folders that are not there yet, the innermost first.</summary>
    private static List<string> MissingFolders(string folder)
    {
        var missing = new List<string>();
        for (var each = folder; each is not null && !Directory.Exists(each); each = Path.GetDirectoryName(each)) missing.Add(each);
        return missing;
    }

    /// <summary>Pictures of an episode in a file of raw bytes.</summary>
    private sealed class CachedFrames(SafeFileHandle file, int side, int first, int length) : IReadOnlyList<RgbImage>
    {
        public int Count => length;

        public RgbImage this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)length, nameof(index));
                var image = new RgbImage(side, side);
                var (at, read) = ((long)(first + index) * image.Pixels.Length, 0);
                while (read < image.Pixels.Length)
                {
                    var got = RandomAccess.Read(file, image.Pixels.AsSpan(read), at + read);
                    if (got == 0) throw new IOException("the cache of pictures was cut short while it was in use");
                    read += got;
                }

                return image;
            }
        }

        public IEnumerator<RgbImage> GetEnumerator()
        {
            for (var i = 0; i < length; i++) yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
