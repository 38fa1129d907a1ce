using System.Text.Json;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Formats;

/// <summary>Tensors spread over several safetensors files, with an index that says which file holds which
/// (<c>model.safetensors.index.json</c>): the files are held open and read like one.</summary>
/// <remarks>Several threads may read from it at once.</remarks>
internal sealed class SafeTensorsShards : ITensorSource, IDisposable
{
    private const long LongestIndex = 64 << 20;
    private const int MostFiles = 1000;
    private const string MapKey = "weight_map";

    private readonly List<(string Name, SafeTensorsReader Reader)> _shards = [];
    private readonly Dictionary<string, SafeTensorsReader> _shardOf = [];

    /// <summary>Opens the files of an index, which lie in its folder.</summary>
    /// <param name="path">The index.</param>
    /// <exception cref="FileFormatException">The index or a file is damaged, a file is missing, or they do not agree; the message names the
    /// file.</exception>
    /// <exception cref="IOException">The index is missing or cannot be read.</exception>
    public SafeTensorsShards(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Location = path;
        try
        {
            var length = new FileInfo(path).Length;
            if (length > LongestIndex)
                throw new FileFormatException(path, $"an index of {length} bytes is over the limit of {LongestIndex}");
            var index = File.ReadAllBytes(path);
            Walk(index, Open);
            foreach (var (file, shard) in _shards)
                foreach (var name in shard.Names)
                    if (!_shardOf.TryAdd(name, shard))
                        throw new FileFormatException(path,
                        $"the tensor {FileFormatException.Quote(name)} is in {file} and in another file");
            Walk(index, Check);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _shardOf.Keys;

    /// <inheritdoc/>
    public Shape ShapeOf(string tensor) => Shard(tensor).ShapeOf(tensor);

    /// <inheritdoc/>
    public double CountOf(string tensor) => Shard(tensor).CountOf(tensor);

    /// <inheritdoc/>
    public float[] ReadSingles(string tensor) => Shard(tensor).ReadSingles(tensor);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var (_, reader) in _shards) reader.Dispose();
    }

    private SafeTensorsReader Shard(string tensor) => _shardOf.TryGetValue(tensor, out var shard)
        ? shard
        : throw new KeyNotFoundException($"{Location}: there is no tensor '{tensor}' among the {_shardOf.Count} in the files");

    /// <summary>Calls on every entry of the map: the reader stands at the tensor's name, a copy of it at the file's.</summary>
    private void Walk(byte[] index, Entry visit)
    {
        try
        {
            var json = new Utf8JsonReader(JsonFile.WithoutMark(index, Location));
            var found = false;
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                throw new FileFormatException(Location, "the index is not an object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var map = json.ValueTextEquals(MapKey);
                json.Read();
                if (!map)
                {
                    json.Skip();
                    continue;
                }

                found = true;
                if (json.TokenType != JsonTokenType.StartObject)
                    throw new FileFormatException(Location, $"'{MapKey}' is not an object, at byte {json.TokenStartIndex}");
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    var name = json;
                    json.Read();
                    if (json.TokenType != JsonTokenType.String)
                        throw new FileFormatException(Location,
                        $"'{MapKey}' holds something that is not a file's name, at byte {json.TokenStartIndex}");
                    visit(name, json);
                }
            }

            // What follows must be JSON as well.
            while (json.Read())
            {
            }

            if (!found) throw new FileFormatException(Location, $"the index has no '{MapKey}'");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FileFormatException(Location, $"the index cannot be read: {Failure.Reason(e)}", e);
        }
    }

    private void Open(Utf8JsonReader name, Utf8JsonReader file)
    {
        foreach (var (known, _) in _shards)
            if (file.ValueTextEquals(known)) return;
        var text = file.GetString()!;

        // A name that leads out of the folder is not looked up.
        if (text.Length == 0 || text.AsSpan().ContainsAny("/\\:\0") || text is "." or "..")
            throw new FileFormatException(Location,
                $"{FileFormatException.Quote(text)} is not the name of a file beside the index, at byte {file.TokenStartIndex}");
        if (_shards.Count == MostFiles) throw new FileFormatException(Location, $"the index names more than {MostFiles} files");
        var path = Path.Combine(Path.GetDirectoryName(Location) ?? "", text);
        if (!File.Exists(path)) throw new FileFormatException(path, "is missing; the index names it");
        _shards.Add((text, SafeTensors.Open(path)));
    }

    private void Check(Utf8JsonReader name, Utf8JsonReader file)
    {
        var tensor = name.GetString()!;
        foreach (var (known, reader) in _shards)
            if (file.ValueTextEquals(known) && !(_shardOf.TryGetValue(tensor, out var holder) && holder == reader))
                throw new FileFormatException(Location, $"the tensor {FileFormatException.Quote(tensor)} is not in {known}");
    }

    private delegate void Entry(Utf8JsonReader name, Utf8JsonReader file);
}
