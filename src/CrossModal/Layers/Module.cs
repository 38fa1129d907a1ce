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
    /// <exception cref="ShapeException">Names are missing or unexpected, or shapes differ; the message lists all of them, and nothing was copied.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        RequireFit(values.Keys, name => values[name].Shape);
        foreach (var (name, parameter) in Parameters()) values[name].Span.CopyTo(parameter.Span);
    }

    /// <summary>Makes sure that there is a value for every parameter, of its shape, and no other.</summary>
    /// <param name="given">The names of the values.</param>
    /// <param name="shapeOf">The shape of the value of a name.</param>
    /// <exception cref="ShapeException">There is not; the message lists every difference.</exception>
    internal void RequireFit(IEnumerable<string> given, Func<string, Shape> shapeOf)
    {
        var problems = new List<string>();
        var left = new HashSet<string>(given);
        foreach (var (name, parameter) in Parameters())
        {
            if (!left.Remove(name)) problems.Add($"missing '{name}' {parameter.Shape}");
            else if (shapeOf(name) != parameter.Shape) problems.Add($"'{name}' is {shapeOf(name)}, expected {parameter.Shape}");
        }

        foreach (var name in left) problems.Add($"unexpected '{name}'");
        if (problems.Count > 0) throw new ShapeException(GetType().Name, $"parameters do not match: {string.Join("; ", problems)}");
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
