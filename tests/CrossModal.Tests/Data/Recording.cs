using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Data;

/// <summary>Small recordings written to a folder, or held in memory: two numbers an action, three a state, pictures of 8 × 6.</summary>
internal static class Recording
{
    public const int Width = 8, Height = 6, ActionNumbers = 2, StateNumbers = 3;

    /// <summary>Writes an episode and returns its folder.</summary>
    public static string Write(TemporaryFolder folder, string name = "episode_000", int steps = 3, string instruction = "pick up the cup",
        int seed = 1)
    {
        var (path, random) = (folder[name], new Random(seed));
        Directory.CreateDirectory(path);
        Npy.Write(Path.Combine(path, "actions.npy"), Table(random, steps, ActionNumbers));
        Npy.Write(Path.Combine(path, "states.npy"), Table(random, steps, StateNumbers));
        for (var t = 0; t < steps; t++)
        {
            var picture = new RgbImage(Width, Height);
            random.NextBytes(picture.Pixels);
            Png.Write(Path.Combine(path, t.ToString("000", CultureInfo.InvariantCulture) + ".png"), picture);
        }

        File.WriteAllText(Path.Combine(path, "episode.json"), $"{{\"instruction\": \"{instruction}\", \"steps\": {steps}}}");
        return path;
    }

    private static StoredArray Table(Random random, int steps, int numbers) =>
        StoredArray.From(Enumerable.Range(0, steps * numbers).Select(_ => random.NextSingle()).ToArray(), steps, numbers);
}
