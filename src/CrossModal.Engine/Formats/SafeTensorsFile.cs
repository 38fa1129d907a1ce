namespace CrossModal.Engine.Formats;

/// <summary>What a safetensors file holds.</summary>
public sealed class SafeTensorsFile
{
    private readonly string _name;
    private readonly IReadOnlyDictionary<string, string> _problems;

    internal SafeTensorsFile(
        string name, OrderedDictionary<string, StoredArray> tensors, Dictionary<string, string> problems,
            OrderedDictionary<string, string> metadata)
    {
        (_name, _problems) = (name, problems);
        Tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The tensors by name, in the order of the header, without those of a type or a size that is not supported.</summary>
    public IReadOnlyDictionary<string, StoredArray> Tensors { get; }

    /// <summary>The free text stored beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>One tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message names the file and the tensor.</exception>
    /// <exception cref="FileFormatException">It has a type or a size that is not supported.</exception>
    public StoredArray this[string tensor] => Tensors.TryGetValue(tensor, out var found) ? found
        : _problems.TryGetValue(tensor, out var problem) ? throw new FileFormatException(_name, problem)
        : throw new KeyNotFoundException($"{_name}: there is no tensor '{tensor}' among the {Tensors.Count} in the file");
}
