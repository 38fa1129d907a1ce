using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Something with parameters: layers, strategies, models. Registration is the assignment: <c>_query = Add("q_proj", new Linear(…))</c>.</summary>
/// <remarks>Names follow PyTorch's state dictionaries: snake_case, joined by dots from the outermost module inwards.</remarks>
public abstract class Module
{
    private readonly List<KeyValuePair<string, Module>> _children = [];
    private readonly List<KeyValuePair<string, Tensor>> _parameters = [];
    private Module? _parent;
    private string _name = "";

    /// <summary>Where this module sits in the outermost one, as in a checkpoint: <c>layers.0.cross_attn</c>; empty for the outermost.</summary>
    public string Path => _parent is { Path: { Length: > 0 } path } ? $"{path}.{_name}" : _name;

    /// <summary>Number of trainable numbers.</summary>
    public long ParameterCount => Parameters().Sum(p => (long)p.Value.Shape.Length);

    /// <summary>Every parameter with its name, in the order of registration.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters() => Parameters("");

    /// <summary>Copies values into the parameters.</summary>
    /// <param name="values">Values by parameter name; each in its parameter's shape.</param>
    /// <exception cref="ShapeException">Names are missing or unexpected, or shapes differ; the message lists all of them, and nothing was copied.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var problems = new List<string>();
        var parameters = Parameters().ToDictionary();
        foreach (var (name, parameter) in parameters)
        {
            if (!values.TryGetValue(name, out var value)) problems.Add($"missing '{name}' {parameter.Shape}");
            else if (value.Shape != parameter.Shape) problems.Add($"'{name}' is {value.Shape}, expected {parameter.Shape}");
        }

        problems.AddRange(values.Keys.Where(name => !parameters.ContainsKey(name)).Select(name => $"unexpected '{name}'"));
        if (problems.Count > 0) throw new ShapeException(GetType().Name, $"parameters do not match: {string.Join("; ", problems)}");
        foreach (var (name, parameter) in parameters) values[name].Span.CopyTo(parameter.Span);
    }

    /// <summary>Registers a module under a name and returns it.</summary>
    protected T Add<T>(string name, T child)
        where T : Module
    {
        ArgumentNullException.ThrowIfNull(child);
        if (child._parent is not null) throw new InvalidOperationException($"{child.GetType().Name} '{name}' already belongs to {child._parent.GetType().Name}");
        (child._parent, child._name) = (this, name);
        _children.Add(new(name, child));
        return child;
    }

    /// <summary>Registers a trainable parameter under a name and returns it.</summary>
    protected Tensor AddParameter(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        value.RequiresGradient = true;
        _parameters.Add(new(name, value));
        return value;
    }

    private IEnumerable<KeyValuePair<string, Tensor>> Parameters(string prefix) =>
        _parameters.Select(p => new KeyValuePair<string, Tensor>(prefix + p.Key, p.Value))
            .Concat(_children.SelectMany(c => c.Value.Parameters($"{prefix}{c.Key}.")));
}
