using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>An episode as a folder that data sets are read from (<c>episode_000/</c> with PNG, .npy and <c>episode.json</c>), in a ZIP
/// file: nothing is written on the machine that serves.</summary>
internal static class EpisodeArchive
{
    private const string Folder = "episode_000/";

    /// <summary>Packs an episode: the steps that are kept, with the actions that were sent, or else recorded.</summary>
    /// <exception cref="RefusedException">There is no such episode, or no step with an action.</exception>
    public static byte[] Of(ViewApi api, ViewQuery query)
    {
        var episode = api.Find(query);
        var (first, end) = episode.Range;
        var steps = Enumerable.Range(first, end - first).Select(episode.Find).OfType<ViewedStep>()
            .Where(s => (s.Sent ?? s.Recorded) is not null).ToList();
        if (steps.Count == 0)
            throw new RefusedException(Refusal.Invalid, $"the episode '{episode.Name}' has no step with an action, so there is none to save");
        var cameras = api.Source.Cameras(episode.Policy);
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(archive, "actions.npy", to => Table(to, [.. steps.Select(s => (s.Sent ?? s.Recorded)!)]));
            if (steps[0].State.Length > 0) Write(archive, "states.npy", to => Table(to, [.. steps.Select(s => s.State)]));
            Write(archive, "episode.json", to => Describe(to, episode, api, steps[0].State.Length));
            for (var camera = 0; camera < cameras.Count; camera++)
                for (var i = 0; i < steps.Count; i++)
                    Write(archive, string.Create(CultureInfo.InvariantCulture, $"{FileName(cameras[camera])}/{i:000}.png"), to =>
                        Png.Write(to, steps[i].Pictures[camera]), CompressionLevel.NoCompression);
        }

        return stream.ToArray();
    }

    private static void Write(ZipArchive archive, string name, Action<Stream> write, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var to = archive.CreateEntry(Folder + name, level).Open();
        write(to);
    }

    private static void Table(Stream to, IReadOnlyList<float[]> rows) =>
        Npy.Write(to, StoredArray.From([.. rows.SelectMany(row => row)], rows.Count, rows[0].Length));

    private static void Describe(Stream to, ViewedEpisode episode, ViewApi api, int states)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("instruction", episode.Instruction);
        json.WriteNumber("rate_hz", episode.Rate);
        Write("actions", api.Source.Actions(episode.Policy));
        var policy = (episode.Policy ?? api.Policies.Names.FirstOrDefault()) is { } name ? api.Policies.Find(name) : null;
        if (policy?.Policy.States is { } named && named.Count == states && states > 0) Write("states", named);
        json.WriteEndObject();

        void Write(string name, IReadOnlyList<Quantity> quantities) => json.List(name, quantities, quantity =>
        {
            json.WriteStartObject();
            json.WriteString("name", quantity.Name);
            json.WriteString("unit", quantity.Unit);
            json.WriteEndObject();
        });
    }

    /// <summary>A camera's name as one part of a path.</summary>
    private static string FileName(string camera) => string.Concat(camera.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
