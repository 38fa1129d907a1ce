using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using PureHDF;

namespace CrossModal.Datasets.Tests;

/// <summary>Small data sets of each format.</summary>
internal static class Made
{
    /// <summary>Steps of episode e.</summary>
    public static int Steps(int episode) => 3 + episode;

    /// <summary>The picture of a step: its upper left pixel is (episode, step, camera).</summary>
    public static RgbImage Picture(int episode, int step, int camera, int width = 8, int height = 6)
    {
        var image = new RgbImage(width, height);
        image.Fill(new Rgb((byte)(10 * episode), (byte)(20 * step), 77));
        image[0, 0] = new Rgb((byte)episode, (byte)step, (byte)camera);
        return image;
    }

    /// <summary>Plain folders.</summary>
    public static void Folders(string folder, int episodes, string[] cameras, string description = "\"rate_hz\": 10", int width = 8,
        int height = 6)
    {
        for (var e = 0; e < episodes; e++)
        {
            var path = Path.Combine(folder, $"episode_{e:000}");
            Directory.CreateDirectory(path);
            for (var c = 0; c < cameras.Length; c++)
                for (var t = 0; t < Steps(e); t++)
                    Png.Write(Path.Combine(path, cameras is ["camera"] ? "" : cameras[c], $"{t:000}.png"), Picture(e, t, c, width, height));
            Npy.Write(Path.Combine(path, "actions.npy"),
                StoredArray.From([.. Enumerable.Range(0, 2 * Steps(e)).Select(i => MathF.Sin(e + i))], Steps(e), 2));
            Npy.Write(Path.Combine(path, "states.npy"), StoredArray.From(
                [.. Enumerable.Range(0, 3 * Steps(e)).Select(i => MathF.Cos(e + i))], Steps(e), 3));
            File.WriteAllText(Path.Combine(path, "episode.json"),
                $$"""{"instruction": "take cup {{e % 2}}", "actions": [{"name": "dx", "unit": "m"}, {"name": "turn", "unit": "rad"}], {{description}}}""");
        }
    }

    /// <summary>A LeRobot data set of version 3.0, pictures in its tables.</summary>
    public static void LeRobot(string folder, int episodes, params string[] cameras)
    {
        Folders(folder + "-folders", episodes, cameras.Length == 0 ? ["camera"] : cameras);
        using var source = Recordings.Open(folder + "-folders");
        LeRobotWriter.Write(source, DataChoice.Of(source, [.. source.Cameras.Select(c => c.Name)], [], []), folder);
    }

    /// <summary>A file of robomimic's layout; numbers of episode e count from 100 e.</summary>
    public static void Robomimic(string path)
    {
        var demos = new H5Group();
        demos.Attributes["env_args"] = """{"env_name": "x", "env_kwargs": {"lang": "take the cup", "control_freq": 20}}""";
        for (var e = 0; e < 2; e++)
        {
            var (steps, pictures) = (Steps(e), new byte[Steps(e), 6, 8, 3]);
            for (var t = 0; t < steps; t++)
                for (var b = 0; b < 6 * 8 * 3; b++) pictures[t, b / 24, b / 3 % 8, b % 3] = Picture(e, t, 0).Pixels[b];
            var actions = new double[steps, 2];
            for (var i = 0; i < 2 * steps; i++) actions[i / 2, i % 2] = 100 * e + i;
            demos[$"demo_{e}"] = new H5Group
            {
                ["actions"] = actions,
                ["obs"] = new H5Group { ["agentview_image"] = pictures, ["robot0_eef_pos"] = new float[steps, 3] }
            };
        }

        new H5File { ["data"] = demos }.Write(path);
    }
}
