using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CrossModal.Imaging;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>The page in one file, with the answers to what it asks about one episode and one choice of map: it needs no server and no
/// network.</summary>
internal static class SavedPage
{
    private const int MostSteps = 1000;
    private const int LongestSide = 256;

    /// <summary>Writes the page.</summary>
    /// <exception cref="RefusedException">There is no such episode, or it is very long.</exception>
    public static async Task<byte[]> Of(ViewApi api, ViewQuery query, CancellationToken cancellation)
    {
        var episode = api.Find(query);
        var (first, end) = episode.Range;
        if (end - first > MostSteps)
            throw new RefusedException(Refusal.Invalid, $"the episode '{episode.Name}' has {end - first} steps, a page holds {MostSteps}");
        using var answers = new MemoryStream();
        await using (var zip = new GZipStream(answers, CompressionLevel.SmallestSize, leaveOpen: true))
        await using (var json = new Utf8JsonWriter(zip)) await Write(json, api, query, episode, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetBytes(PageBundle.Html(Convert.ToBase64String(answers.ToArray())));
    }

    private static async Task Write(Utf8JsonWriter json, ViewApi api, ViewQuery query, ViewedEpisode episode, CancellationToken cancellation)
    {
        var (first, end) = episode.Range;
        var names = api.NamesOf(episode);
        json.WriteStartObject();
        json.WriteString("start", query.Optional("start"));
        Put("about", api.About(query));
        Put("episodes", ViewJson.Object(j => j.List("episodes", api.Source.List().Where(e => e.Id == episode.Id), head =>
        {
            j.WriteStartObject();
            j.WriteString("id", head.Id);
            j.WriteString("name", head.Name);
            j.WriteString("instruction", head.Instruction);
            j.Number("length", head.Length);
            j.WriteEndObject();
        })));
        Put(Key("episode", ("episode", episode.Id)), api.Episode(ViewQuery.Of(("episode", episode.Id))));
        foreach (var name in names.DefaultIfEmpty(""))
        {
            (string, string?)[] asked = [("episode", episode.Id), ("other", query.Optional("other")), ("policy", name)];
            Put(Key("timeline", asked), await api.Timeline(ViewQuery.Of(asked), cancellation).ConfigureAwait(false));
        }

        for (var step = first; step < end; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var camera = 0; camera < api.Source.Cameras(episode.Policy).Count; camera++)
                json.WriteString(Key("frame", ("camera", $"{camera}"), ("episode", episode.Id), ("step", $"{step}")), Picture(episode, step, camera));
            foreach (var name in names) await WriteMaps(name, step).ConfigureAwait(false);
        }

        json.WriteEndObject();

        void Put(string key, byte[] answer)
        {
            json.WritePropertyName(key);
            json.WriteRawValue(answer, skipInputValidation: true);
        }

        async Task WriteMaps(string name, int step)
        {
            var choice = query.Map(api.Explaining(name));
            var isRaw = choice.Method == MapChoice.Raw;
            (string, string?)[] map = [("episode", episode.Id), ("head", isRaw ? query.Optional("head") : null),
                ("layer", isRaw ? choice.Layer : null), ("method", choice.Method), ("policy", name), ("step", $"{step}"),
                ("target", query.Optional("target"))];
            (string, string?)[] verdict = [.. map, ("word", query.Optional("word"))];
            try
            {
                Put(Key("maps", map), await api.Maps(ViewQuery.Of(map), cancellation).ConfigureAwait(false));
                if (await api.MeasuredFaithfulness(ViewQuery.Of(verdict), cancellation).ConfigureAwait(false) is { } measured)
                    Put(Key("faithfulness", verdict), measured);
            }
            catch (RefusedException refused)
            {
                Put(Key("maps", map), ViewJson.Object(j => j.WriteString("error", refused.Message)));
            }
        }
    }

    /// <summary>A question as the page looks it up: its name, and what it asks for in the order of names.</summary>
    private static string Key(string name, params (string Name, string? Value)[] parts) => name + "?" + string.Join('&', parts
        .Where(p => !string.IsNullOrEmpty(p.Value)).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}"));

    private static string Picture(ViewedEpisode episode, int step, int camera)
    {
        if (episode.Find(step) is not { } found || camera >= found.Pictures.Count) return "";
        var picture = found.Pictures[camera];
        var scale = (double)LongestSide / Math.Max(picture.Width, picture.Height);
        if (scale < 1)
            picture = ImageResize.Resize(picture, Math.Max(1, (int)(scale * picture.Width)), Math.Max(1, (int)(scale * picture.Height)),
                ResizeFilter.BilinearAntialias);
        using var stream = new MemoryStream();
        Png.Write(stream, picture);
        return Convert.ToBase64String(stream.ToArray());
    }
}
