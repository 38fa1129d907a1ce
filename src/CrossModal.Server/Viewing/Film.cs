using System.Globalization;
using CrossModal.Datasets;
using CrossModal.Imaging;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>An episode with its maps as a film, made by an installed <c>ffmpeg</c>.</summary>
internal static class Film
{
    private const int LeastSide = 320;
    private const int Gap = 8;

    // Of all policies, one at a time: a film takes as much time as its episode has steps.
    private static readonly SemaphoreSlim Turn = new(1);

    /// <summary>Draws the map of a word, or the mean over words, over every step, each policy and camera beside the other.</summary>
    /// <exception cref="RefusedException">There is no ffmpeg, or another film is being made.</exception>
    public static async Task<byte[]> Of(ViewApi api, ViewQuery query, CancellationToken cancellation)
    {
        if (!Ffmpeg.IsInstalled)
            throw new RefusedException(Refusal.Invalid, $"a film is made by the program ffmpeg, which was not found; install it ({Ffmpeg.HowToInstall})");
        if (!await Turn.WaitAsync(0, cancellation).ConfigureAwait(false))
            throw new RefusedException(Refusal.Busy, "another film is being made");
        try
        {
            var episode = api.Find(query);
            var pictures = new List<RgbImage>();
            var (first, end) = episode.Range;
            for (var step = first; step < end && episode.Find(step) is { } found; step++)
                pictures.Add(await Picture(api, query, episode, step, found, cancellation).ConfigureAwait(false));
            if (pictures.Count == 0) throw new RefusedException(Refusal.Invalid, $"the episode '{episode.Name}' has no steps");
            using var stream = new MemoryStream();
            Ffmpeg.Encode(pictures, episode.Rate, stream, cancellation);
            return stream.ToArray();
        }
        finally
        {
            Turn.Release();
        }
    }

    private static async Task<RgbImage> Picture(ViewApi api, ViewQuery query, ViewedEpisode episode, int step, ViewedStep found,
        CancellationToken cancellation)
    {
        var names = api.NamesOf(episode);
        var drawn = new List<RgbImage>();
        var word = query.OptionalWhole("word");
        var title = $"{episode.Name} {step.ToString(CultureInfo.InvariantCulture)}";
        foreach (var name in names)
        {
            var policy = api.Explaining(name);
            var asked = ViewQuery.Of(("episode", episode.Id), ("policy", name), ("step", $"{step}"), ("target", query.Optional("target")));
            var (weights, of) = await api.OfStep(asked, (maps, _) => (maps.Map(query.Map(policy)).Of(word < maps.Words.Count ? word : null),
                word < maps.Words.Count ? maps.Words[word.Value] : "mean over words"), cancellation).ConfigureAwait(false);
            title = $"{(Drawing.CanWrite(of) ? of : $"word {word + 1}")} - {query.Map(policy).Method} - step {step} - maps are not judged";
            var grid = policy.Policy.Grid;
            drawn.AddRange(found.Pictures.Select((picture, camera) => HeatMap.Overlay(picture,
                weights.AsSpan(camera * grid.Count, grid.Count), grid.Rows, grid.Columns, Options(picture),
                Letterbox.Fit(picture.Width, picture.Height, policy.Policy.ImageSize))));
        }

        if (names.Count == 0) drawn.AddRange(found.Pictures.Select(p => p.Enlarge(Options(p).Enlarge)));
        var joined = new RgbImage(drawn.Sum(d => d.Width) + Gap * (drawn.Count - 1), drawn.Max(d => d.Height));
        var at = 0;
        foreach (var one in drawn)
        {
            joined.Paste(one, at, 0);
            at += one.Width + Gap;
        }

        return names.Count == 0 ? joined : HeatMapFigure.Frame(joined, title, Options(found.Pictures[0]));
    }

    private static HeatMapOptions Options(RgbImage picture) =>
        new() { Enlarge = Math.Max(1, LeastSide / Math.Max(picture.Width, picture.Height)) };
}
