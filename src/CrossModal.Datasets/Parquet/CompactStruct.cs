using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>A struct of Thrift's compact protocol, its fields by number. A field of another kind than asked for counts as damage.</summary>
/// <param name="file">The file, for errors.</param>
internal sealed class CompactStruct(string file)
{
    private readonly Dictionary<int, object> _fields = [];

    /// <summary>The file it was read from.</summary>
    public string File => file;

    /// <summary>Sets a field.</summary>
    public void Set(int field, object value) => _fields[field] = value;

    /// <summary>Whether there is a field.</summary>
    public bool Has(int field) => _fields.ContainsKey(field);

    /// <summary>A whole number.</summary>
    /// <exception cref="FileFormatException">It is missing, or of another kind.</exception>
    public long Whole(int field) => Get<long>(field);

    /// <summary>A whole number, or another where it is missing.</summary>
    /// <exception cref="FileFormatException">It is of another kind.</exception>
    public long Whole(int field, long missing) => Has(field) ? Get<long>(field) : missing;

    /// <summary>A yes or no.</summary>
    /// <exception cref="FileFormatException">It is missing, or of another kind.</exception>
    public bool Flag(int field) => Get<bool>(field);

    /// <summary>Text in UTF-8.</summary>
    /// <exception cref="FileFormatException">It is missing, or of another kind.</exception>
    public string Text(int field) => System.Text.Encoding.UTF8.GetString(Get<byte[]>(field));

    /// <summary>A struct.</summary>
    /// <exception cref="FileFormatException">It is missing, or of another kind.</exception>
    public CompactStruct Struct(int field) => Get<CompactStruct>(field);

    /// <summary>A list of one kind.</summary>
    /// <exception cref="FileFormatException">It is missing, or of another kind.</exception>
    public IReadOnlyList<T> List<T>(int field)
    {
        var list = Get<List<object>>(field);
        return list.TrueForAll(item => item is T) ? [.. list.Cast<T>()] : throw Damaged(field);
    }

    private T Get<T>(int field) => _fields.TryGetValue(field, out var value) && value is T found ? found : throw Damaged(field);

    private FileFormatException Damaged(int field) =>
        new(file, $"the description of the table is damaged: field {field} is missing or not of its kind");
}
