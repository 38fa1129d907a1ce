using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Weights;

/// <summary>ResNet18 of ML.NET, with what its pixels are made of as metadata of the file.</summary>
internal static class ResNet18
{
    // ModelProto.metadata_props, and key and value of an entry.
    private const byte Property = 14 << 3 | 2, Key = 1 << 3 | 2, Value = 2 << 3 | 2;

    /// <summary>Writes the model.</summary>
    /// <param name="models">The package's folder of models: the network, and what prepares its pixels, blue first, from 0 to 255 less a
    /// mean picture.</param>
    /// <param name="path">Where to.</param>
    public static void Write(string models, string path)
    {
        var (network, preparation) = (Path.Combine(models, "ResNet18Onnx", "ResNet18.onnx"),
            Path.Combine(models, "ResNetPrepOnnx", "ResNetPreprocess.onnx"));
        foreach (var file in (string[])[network, preparation])
            if (!File.Exists(file)) throw new FileFormatException(file, "is missing");
        var mean = MemoryMarshal.Cast<byte, float>(OnnxGraph.Read(File.ReadAllBytes(preparation), preparation).Tensors["MeanImage"].Bytes);
        var plane = mean.Length / 3;
        var means = new double[3];
        for (var c = 0; c < means.Length; c++)
            foreach (var x in mean.Slice((2 - c) * plane, plane)) means[c] += x / 255.0 / plane;

        // Repeated fields of a message may follow it: what is appended is one more entry each.
        byte[] metadata =
        [
            .. Entry("image_size", "224"),
            .. Entry("image_mean", string.Join(',', means.Select(m => m.ToString("0.#####", CultureInfo.InvariantCulture)))),
            .. Entry("image_std", "0.00392157,0.00392157,0.00392157"),
            .. Entry("image_channels", "bgr"),
        ];
        AtomicFile.Write(path, stream =>
        {
            stream.Write(File.ReadAllBytes(network));
            stream.Write(metadata);
        });
    }

    private static byte[] Entry(string key, string value) => Field(Property, [.. Field(Key, Encoding.UTF8.GetBytes(key)),
        .. Field(Value, Encoding.UTF8.GetBytes(value))]);

    private static byte[] Field(byte key, byte[] content) => content.Length < 128 ? [key, (byte)content.Length, .. content]
        : throw new ArgumentException("ResNet18: an entry of the metadata is too long", nameof(content));
}
