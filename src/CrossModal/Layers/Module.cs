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
    public long ParameterCount
    {
        get
        {
            var count = 0L;
            foreach (var (_, parameter) in Parameters()) count += parameter.Shape.Length;
            return count;
        }
    }

    /// <summary>Every parameter with its name, in the order of registration.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters()
    {
        var all = new List<KeyValuePair<string, Tensor>>();
        Collect("", all);
        return all;
    }

    /// <summary>Copies values into the parameters.</summary>
    /// <param name="values">Values by parameter name; each in its parameter's shape.</param>
    /// <exception cref="ShapeException">Names are missing or unexpected, or shapes differ; the message names five of each kind and says how many more, and nothing was copied.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckpointNames.Own.Match(this, values.Keys, name => values[name].Shape);
        foreach (var (name, parameter) in Parameters()) values[name].Span.CopyTo(parameter.Span);
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

    private void Collect(string prefix, List<KeyValuePair<string, Tensor>> all)
    {
        foreach (var (name, parameter) in _parameters) all.Add(new(prefix + name, parameter));
        foreach (var (name, child) in _children) child.Collect($"{prefix}{name}.", all);
    }
}
