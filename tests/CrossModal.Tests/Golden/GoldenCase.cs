using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Golden;

/// <summary>One case of a golden folder: the manifest and the tensors a public implementation computed.</summary>
internal sealed class GoldenCase
{
    private readonly JsonElement _manifest;
    private readonly SafeTensorsFile _file;
    private readonly HashSet<string> _read = ["formula", "note"]; // sentences for people

    private GoldenCase(string name, JsonElement manifest, SafeTensorsFile file) => (Name, _manifest, _file) = (name, manifest, file);

    /// <summary>Group and case: <c>torch_mha/basic_b2_l7_v19_d32_h4</c>.</summary>
    public string Name { get; }

    /// <summary>Part of the name before the slash.</summary>
    public string Group => Name[..Name.IndexOf('/')];

    /// <summary>The reference's class.</summary>
    public string Class => _manifest.GetProperty("reference").GetProperty("class").GetString()!;

    /// <summary>Stored parameters without a stored gradient, because the loss does not depend on them.</summary>
    public IReadOnlyList<string> NotReached => _manifest.TryGetProperty("parameters_not_reached_by_the_loss", out var names)
        ? [.. names.EnumerateArray().Select(e => e.GetString()!).Where(n => !Has("grad/" + n["param/".Length..]))]
        : [];

    /// <summary>All tensor names.</summary>
    public IEnumerable<string> Names => _file.Tensors.Keys;

    public static GoldenCase Read(string folder, string name)
    {
        var path = Path.Combine(folder, name.Replace('/', Path.DirectorySeparatorChar));
        using var document = JsonDocument.Parse(File.ReadAllBytes(path + ".json"));
        return new GoldenCase(name, document.RootElement.Clone(), SafeTensors.Read(path + ".safetensors"));
    }

    /// <summary>Names under a prefix, without it: <c>Under("param/")</c>.</summary>
    public IEnumerable<string> Under(string prefix) =>
        Names.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..]);

    public bool Has(string tensor) => _file.Tensors.ContainsKey(tensor);

    public bool IsBoolean(string tensor) => _file[tensor].Type == ElementType.Bool;

    public StoredArray Stored(string tensor) => _file[tensor];

    /// <summary>A stored tensor as float32.</summary>
    public Tensor Tensor(string tensor) => CrossModal.Engine.Tensors.Tensor.From(_file[tensor].ToSingles(), Shape.Of(_file[tensor].Shape));

    /// <summary>What the configuration says and no runner has read, as <c>'key': value</c>; null says nothing.</summary>
    public IEnumerable<string> Unread => _manifest.GetProperty("config").EnumerateObject()
        .Where(e => e.Value.ValueKind != JsonValueKind.Null && !_read.Contains(e.Name)).Select(e => $"'{e.Name}': {e.Value.GetRawText()}");

    public int Int(string key) => OptionalInt(key) ?? throw Missing(key);

    public double Number(string key) => OptionalNumber(key) ?? throw Missing(key);

    public string Text(string key) => OptionalText(key) ?? throw Missing(key);

    public int[] Ints(string key) => OptionalInts(key) ?? throw Missing(key);

    /// <summary>Sizes by name.</summary>
    public Dictionary<string, int> Sizes(string key) =>
        Read(key, e => e.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32())) ?? throw Missing(key);

    public bool Flag(string key, bool otherwise = false) => Read<bool?>(key, e => e.GetBoolean()) ?? otherwise;

    public int? OptionalInt(string key) => Read<int?>(key, e => e.GetInt32());

    public int[]? OptionalInts(string key) => Read(key, e => e.EnumerateArray().Select(i => i.GetInt32()).ToArray());

    public double? OptionalNumber(string key) => Read<double?>(key, e => e.GetDouble());

    public string? OptionalText(string key) => Read(key, e => e.GetString());

    public double[]? OptionalNumbers(string key) => Read(key, e => e.EnumerateArray().Select(i => i.GetDouble()).ToArray());

    /// <summary>Notes that keys are said for people, or that the reference does not compute with them.</summary>
    public void Described(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) _read.Add(key);
    }

    /// <summary>The stored parameters, as a checkpoint is read.</summary>
    public ITensorSource Checkpoint => new Parameters(this);

    /// <summary>The tolerance of a group of tensors: outputs, attention, loss, gradients.</summary>
    public (double Relative, double Absolute) Tolerance(string kind)
    {
        var tolerance = _manifest.GetProperty("tolerance_float32").GetProperty(kind);
        return (tolerance.GetProperty("rtol").GetDouble(), tolerance.GetProperty("atol").GetDouble());
    }

    private InvalidDataException Missing(string key) => new($"{Name}: the manifest's config has no '{key}'");

    /// <summary>What the configuration says under a key, which counts as read; default when it says nothing.</summary>
    private T? Read<T>(string key, Func<JsonElement, T?> convert)
    {
        _read.Add(key);
        if (!_manifest.GetProperty("config").TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null) return default;
        try
        {
            return convert(value);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"{Name}: the manifest's config says '{key}': {value.GetRawText()}, which is of another kind than the runner reads", e);
        }
    }

    private sealed class Parameters(GoldenCase golden) : ITensorSource
    {
        public string Location => golden.Name;

        public IReadOnlyCollection<string> Names => [.. golden.Under("param/")];

        public Shape ShapeOf(string tensor) => Shape.Of(golden.Stored($"param/{tensor}").Shape);

        public float[] ReadSingles(string tensor) => golden.Stored($"param/{tensor}").ToSingles();
    }
}
