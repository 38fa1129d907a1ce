using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Recordings of two steps and two numbers an action, with pictures of noise.</summary>
internal static class RecordedFolder
{
    /// <summary>Writes them.</summary>
    /// <returns>The folder.</returns>
    public static string Write(string folder, int episodes, Func<int, string> instruction)
    {
        var random = new Random(5);
        for (var e = 0; e < episodes; e++)
        {
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"episode_{e:000}"));
            Directory.CreateDirectory(path);
            Npy.Write(Path.Combine(path, "actions.npy"),
                StoredArray.From([.. Enumerable.Range(0, 4).Select(_ => random.NextSingle())], 2, 2));
            for (var t = 0; t < 2; t++)
            {
                var picture = new RgbImage(8, 6);
                random.NextBytes(picture.Pixels);
                Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{t:000}.png")), picture);
            }

            File.WriteAllText(Path.Combine(path, "episode.json"), new JsonObject { ["instruction"] = instruction(e) }.ToJsonString());
        }

        return folder;
    }
}
