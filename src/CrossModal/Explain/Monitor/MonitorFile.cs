using System.Globalization;
using System.Security.Cryptography;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;

namespace CrossModal.Explain.Monitor;

/// <summary>A fitted monitor as it lies beside a policy: the network, the threshold, and which weights it was fitted to.</summary>
/// <param name="Layout">How the numbers of a step lie.</param>
/// <param name="Network">The network.</param>
/// <param name="Threshold">Score above which an episode is stopped.</param>
/// <param name="Alpha">Largest share of successes stopped by mistake.</param>
/// <param name="Calibrated">Successes the threshold was found from.</param>
internal sealed record MonitorFile(MonitorLayout Layout, MonitorNetwork Network, float Threshold, double Alpha, int Calibrated)
{
    /// <summary>Name of the file in a policy's folder.</summary>
    public const string Name = "monitor.safetensors";

    private const string WeightsName = "model.safetensors";
    private const string Format = "crossmodal-monitor/1";
    private const int MostLayers = 8;
    private const int MostInputs = 1 << 16;

    /// <summary>Writes it beside a policy; a good file is replaced only by a whole one.</summary>
    /// <param name="folder">Folder of the policy.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string folder)
    {
        var tensors = new List<KeyValuePair<string, StoredArray>>
        {
            new("mean", StoredArray.From(Network.Mean, Network.Mean.Length)),
            new("scale", StoredArray.From(Network.Scale, Network.Scale.Length)),
        };
        for (var i = 0; i < Network.Weights.Count; i++)
        {
            var (weight, bias) = (Network.Weights[i], Network.Biases[i]);
            tensors.Add(new($"layers.{i}.weight", StoredArray.From(weight, bias.Length, weight.Length / bias.Length)));
            tensors.Add(new($"layers.{i}.bias", StoredArray.From(bias, bias.Length)));
        }

        SafeTensors.Write(Path.Combine(folder, Name), tensors,
        [
            new("format", Format), new("weights", Digest(folder)), new("layout", Layout.ToText()),
            new("threshold", Threshold.ToString("R", CultureInfo.InvariantCulture)),
            new("alpha", Alpha.ToString("R", CultureInfo.InvariantCulture)),
            new("calibrated", Calibrated.ToString(CultureInfo.InvariantCulture)),
        ]);
    }

    /// <summary>Reads the one beside a policy; null when there is none.</summary>
    /// <exception cref="FileFormatException">It is damaged, or was fitted to other weights.</exception>
    public static MonitorFile? Find(string folder) => File.Exists(Path.Combine(folder, Name)) ? Load(folder) : null;

    /// <summary>Reads the one beside a policy.</summary>
    /// <exception cref="FileFormatException">It is missing, damaged, or was fitted to other weights.</exception>
    public static MonitorFile Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing: crossmodal monitor fit makes one");
        var file = SafeTensors.Read(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new FileFormatException(path, $"is not of the format '{Format}'");
        if (file.Metadata.GetValueOrDefault("weights") != Digest(folder))
            throw new FileFormatException(path, $"was fitted to other weights than the {WeightsName} beside it: fit it again");
        var layout = MonitorLayout.Parse(file.Metadata.GetValueOrDefault("layout"))
            ?? throw new FileFormatException(path, "does not say how its inputs lie");
        return new MonitorFile(layout, ReadNetwork(path, file, layout), (float)Number("threshold"), Number("alpha"),
            (int)Number("calibrated"));

        double Number(string name) => double.TryParse(file.Metadata.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) ? value : throw new FileFormatException(path, $"has no number '{name}'");
    }

    private static MonitorNetwork ReadNetwork(string path, SafeTensorsFile file, MonitorLayout layout)
    {
        var inputs = MonitorWindow.InputsOf(layout);
        if (inputs > MostInputs) throw new FileFormatException(path, $"has {inputs} inputs, at most {MostInputs} fit");
        var (weights, biases, width) = (new List<float[]>(), new List<float[]>(), inputs);
        for (var i = 0; i < MostLayers && file.Tensors.TryGetValue($"layers.{i}.bias", out var bias); i++)
        {
            biases.Add(Numbers($"layers.{i}.bias", bias.Count));
            weights.Add(Numbers($"layers.{i}.weight", bias.Count * width));
            width = bias.Count;
        }

        if (weights.Count == 0 || width != 1) throw new FileFormatException(path, "has no network that ends in one number");
        return new MonitorNetwork(Numbers("mean", inputs), Numbers("scale", inputs), [.. weights], [.. biases]);

        float[] Numbers(string name, int count)
        {
            var values = file.Tensors.TryGetValue(name, out var stored) ? stored.ToSingles()
                : throw new FileFormatException(path, $"has no tensor '{name}'");
            if (values.Length != count) throw new FileFormatException(path, $"'{name}' has {values.Length} numbers, expected {count}");
            return VectorRow.IsFinite(values) ? values : throw new FileFormatException(path, $"'{name}' holds a number that is not finite");
        }
    }

    private static string Digest(string folder)
    {
        var path = Path.Combine(folder, WeightsName);
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing");
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
