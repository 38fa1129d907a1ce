using System.Numerics.Tensors;
using CrossModal.Engine.Tensors;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Layers;

/// <summary>Something with parameters: layers, strategies, models. Registration is the assignment: <c>_query = Add("q_proj", new
/// Linear(…))</c>.</summary>
/// <remarks>Names follow PyTorch's state dictionaries: snake_case, joined by dots from the outermost module inwards.</remarks>
public abstract class Module
{
    private readonly List<KeyValuePair<string, Module>> _children = [];
    private readonly List<KeyValuePair<string, Tensor>> _parameters = [];
    private readonly HashSet<Tensor> _buffers = new(ReferenceEqualityComparer.Instance);
    private Module? _parent;
    private string _name = "";

    /// <summary>Where this module sits in the outermost one, as in a checkpoint: <c>layers.0.cross_attn</c>; empty for the
    /// outermost.</summary>
    public string Path => _parent is { Path: { Length: > 0 } path } ? $"{path}.{_name}" : _name;

    /// <summary>Number of numbers in all parameters, frozen or not.</summary>
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

    /// <summary>The largest magnitude among all weights, and the name of the parameter that has it; an empty name and 0 without
    /// parameters.</summary>
    public (string Name, float Magnitude) LargestWeight()
    {
        (string Name, float Magnitude) largest = ("", 0);
        foreach (var (name, parameter) in Parameters())
        {
            if (parameter.Shape.Length > 0 && MathF.Abs(TensorPrimitives.MaxMagnitude<float>(parameter.Span)) is var magnitude
                && !(magnitude <= largest.Magnitude))
                largest = (name, magnitude);
        }

        return largest;
    }

    /// <summary>Excludes every parameter from training: no gradient is computed for it, and no optimiser, clipping or weight average made
    /// afterwards takes it. It is saved and loaded as ever, and gradients still pass through to what is not frozen.</summary>
    /// <remarks>As <c>requires_grad_(False)</c> in PyTorch. Freeze before the optimiser is made. Dropout inside is as before.</remarks>
    public void Freeze() => SetTrainable(null, false);

    /// <summary>Excludes one part of the module from training.</summary>
    /// <param name="part">The part's checkpoint name, or that of a parameter, from this module on: <c>vision.stem</c>,
    /// <c>fusion.layers.0</c>.</param>
    /// <exception cref="ArgumentException">There is no such part; the message lists those there are.</exception>
    public void Freeze(string part) => SetTrainable(part, false);

    /// <summary>Makes every parameter trainable again; buffers, which never are, stay as they are.</summary>
    public void Unfreeze() => SetTrainable(null, true);

    /// <summary>Makes one part of the module trainable again.</summary>
    /// <param name="part">The part's checkpoint name, or that of a parameter, from this module on.</param>
    /// <exception cref="ArgumentException">There is no such part; the message lists those there are.</exception>
    public void Unfreeze(string part) => SetTrainable(part, true);

    /// <summary>Copies values into the parameters.</summary>
    /// <param name="values">Values by parameter name; each in its parameter's shape.</param>
    /// <exception cref="ShapeException">Names are missing or unexpected, or shapes differ; the message names five of each kind and says how
    /// many more, and nothing was copied.</exception>
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
        if (child._parent is not null)
            throw new InvalidOperationException($"{child.GetType().Name} '{name}' already belongs to {child._parent.GetType().Name}");
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

    /// <summary>Registers numbers that are saved with the parameters but never trained, such as running statistics, and returns
    /// them.</summary>
    protected Tensor AddBuffer(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        value.RequiresGradient = false;
        _buffers.Add(value);
        _parameters.Add(new(name, value));
        return value;
    }

    private void SetTrainable(string? part, bool trainable)
    {
        var buffers = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        CollectBuffers(buffers);
        var all = Parameters().ToList();
        var chosen = part is null ? all : all.FindAll(p => p.Key == part || p.Key.StartsWith(part + ".", StringComparison.Ordinal));
        if (chosen.Count == 0 && part is not null)
            throw new ArgumentException(
                $"{GetType().Name}: there is no part '{part}'; there are {string.Join(", ", _children.Select(c => c.Key).Concat(_parameters.Select(p => p.Key)))}");
        foreach (var (_, parameter) in chosen) parameter.RequiresGradient = trainable && !buffers.Contains(parameter);
    }

    private void CollectBuffers(HashSet<Tensor> all)
    {
        all.UnionWith(_buffers);
        foreach (var (_, child) in _children) child.CollectBuffers(all);
    }

    private void Collect(string prefix, List<KeyValuePair<string, Tensor>> all)
    {
        foreach (var (name, parameter) in _parameters) all.Add(new(prefix + name, parameter));
        foreach (var (name, child) in _children) child.Collect($"{prefix}{name}.", all);
    }
}
