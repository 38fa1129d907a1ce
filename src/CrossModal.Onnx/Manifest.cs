using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Onnx;

/// <summary>Describes a model beside it as JSON: files with their digests, inputs, outputs, what the model says of itself.</summary>
internal static class Manifest
{
    private const string Format = "crossmodal-onnx/1";

    /// <summary>Writes the manifest of a model that was written.</summary>
    /// <exception cref="IOException">The manifest cannot be written.</exception>
    public static OnnxFile Write(OnnxModel model, string path, bool external)
    {
        var dataPath = external ? ModelFile.DataPath(path) : null;
        List<string> files = dataPath is null ? [path] : [path, dataPath];
        var operators = model.Nodes.CountBy(node => node.Operator).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();
        var bytes = files.Sum(file => new FileInfo(file).Length);
        var described = new OnnxFile(path, path + ".json", dataPath, bytes, Ports(model.Inputs), Ports(model.Outputs), operators);
        AtomicFile.Write(described.ManifestPath, stream => Write(stream, model, described, files));
        return described;
    }

    private static void Write(Stream stream, OnnxModel model, OnnxFile described, List<string> files)
    {
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var json = new Utf8JsonWriter(stream, options);
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteString("version", typeof(Manifest).Assembly.GetName().Version!.ToString(3));
        json.WriteString("graph", model.Name);
        json.WriteNumber("opset", model.Opset);
        json.WriteStartArray("files");
        foreach (var file in files) WriteFile(json, file);
        json.WriteEndArray();
        WritePorts(json, "inputs", described.Inputs);
        WritePorts(json, "outputs", described.Outputs);
        json.WriteStartObject("metadata");
        foreach (var (key, value) in model.Metadata) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, string file)
    {
        using var content = File.OpenRead(file);
        json.WriteStartObject();
        json.WriteString("name", Path.GetFileName(file));
        json.WriteNumber("bytes", content.Length);
        json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(content)));
        json.WriteEndObject();
    }

    private static void WritePorts(Utf8JsonWriter json, string name, IReadOnlyList<OnnxPort> ports)
    {
        json.WriteStartArray(name);
        foreach (var port in ports)
        {
            json.WriteStartObject();
            json.WriteString("name", port.Name);
            json.WriteString("type", port.Type);
            json.WriteStartArray("shape");
            foreach (var size in port.Shape)
            {
                if (int.TryParse(size, out var number)) json.WriteNumberValue(number);
                else json.WriteStringValue(size);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static OnnxPort[] Ports(IEnumerable<OnnxValue> values) =>
        [.. values.Select(value => new OnnxPort(value.Name, TypeName(value.Kind), [.. value.Shape.Select(size => size.ToString())]))];

    private static string TypeName(ElementKind kind) =>
        kind switch { ElementKind.Float => "float32", ElementKind.Int64 => "int64", _ => "bool" };
}
