namespace CrossModal.Engine.Formats;

/// <summary>What a safetensors file holds.</summary>
public sealed class SafeTensorsFile
{
    private readonly string _name;

    internal SafeTensorsFile(
        string name, OrderedDictionary<string, StoredArray> tensors, OrderedDictionary<string, string> metadata)
    {
        _name = name;
        Tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The tensors by name, in the order of the header.</summary>
    public IReadOnlyDictionary<string, StoredArray> Tensors { get; }

    /// <summary>The free text stored beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>One tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message names the file and the tensor.</exception>
    public StoredArray this[string tensor] => Tensors.TryGetValue(tensor, out var found)
        ? found
        : throw new KeyNotFoundException($"{_name}: there is no tensor '{tensor}' among the {Tensors.Count} in the file");
}
