using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>A <c>tf.train.Example</c>: features by name.</summary>
internal sealed class Example
{
    private readonly Dictionary<string, ExampleFeature> _features = new(StringComparer.Ordinal);

    /// <summary>Reads a record.</summary>
    /// <exception cref="FileFormatException">It is no example.</exception>
    public Example(byte[] record, string file)
    {
        var message = new ProtobufReader(record, file);
        while (message.Next() is var (field, wire))
        {
            if (field != 1)
            {
                message.Skip(wire);
                continue;
            }

            var features = new ProtobufReader(message.Bytes(wire), file);
            while (features.Next() is var (entry, entryWire))
            {
                if (entry == 1) Add(record, features.Bytes(entryWire), file);
                else features.Skip(entryWire);
            }
        }

        if (_features.Count == 0) throw new FileFormatException(file, "a record is no tf.Example: it has no features");
    }

    /// <summary>Names of the features.</summary>
    public IReadOnlyCollection<string> Names => _features.Keys;

    /// <summary>A feature; null when there is none.</summary>
    public ExampleFeature? Find(string name) => _features.GetValueOrDefault(name);

    private void Add(byte[] record, ReadOnlySpan<byte> entry, string file)
    {
        var reader = new ProtobufReader(entry, file);
        var (name, feature) = ("", default(ExampleFeature));
        while (reader.Next() is var (field, wire))
        {
            if (field == 1) name = Encoding.UTF8.GetString(reader.Bytes(wire));
            else if (field == 2)
            {
                var value = new ProtobufReader(reader.Bytes(wire), file);
                while (value.Next() is var (kind, kindWire))
                {
                    if (kind is < 1 or > 3)
                    {
                        value.Skip(kindWire);
                        continue;
                    }

                    var list = value.Bytes(kindWire);
                    feature = new ExampleFeature((FeatureKind)kind, record.AsMemory(Offset(record, list), list.Length), file);
                }
            }
            else reader.Skip(wire);
        }

        if (feature is not null) _features[name] = feature;
    }

    /// <summary>Where in a record a part of it lies.</summary>
    private static int Offset(ReadOnlySpan<byte> record, ReadOnlySpan<byte> part) =>
        part.IsEmpty || !record.Overlaps(part, out var offset) ? 0 : offset;
}
