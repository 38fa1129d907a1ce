using System.Globalization;
using CrossModal.Engine.Tensors;

namespace CrossModal.Onnx;

/// <summary>Builds the graph of a model: nodes by operator, stored numbers once each, sizes that depend on the inputs as
/// computations.</summary>
/// <param name="model">The model that is built.</param>
internal sealed class GraphBuilder(OnnxModel model)
{
    private readonly Dictionary<string, int> _names = [];
    private readonly Dictionary<(Tensor Tensor, bool Transposed), string> _weights = [];
    private readonly Dictionary<string, string> _constants = [];
    private readonly Dictionary<string, string> _sizes = [];
    private readonly HashSet<string> _integers = [];
    private readonly Dictionary<string, (string Input, int Axis)> _symbols = [];

    /// <summary>Version of the operators.</summary>
    public int Opset => model.Opset;

    /// <summary>The layer whose operations are being added, which names their nodes.</summary>
    public string Layer { get; set; } = "";

    /// <summary>Adds an input of the model.</summary>
    /// <returns>Its name.</returns>
    public string Input(OnnxValue value)
    {
        model.Inputs.Add(value);
        Unique(value.Name);
        if (value.Kind == ElementKind.Int64) _integers.Add(value.Name);
        for (var axis = 0; axis < value.Shape.Count; axis++)
            if (value.Shape[axis] is { IsConstant: false } size) _symbols.TryAdd(size.ToString(), (value.Name, axis));
        return value.Name;
    }

    /// <summary>Adds an output of the model.</summary>
    /// <param name="value">Name, type and sizes.</param>
    /// <param name="from">The value it is.</param>
    public void Output(OnnxValue value, string from)
    {
        model.Outputs.Add(value);
        model.Nodes.Add(new OnnxNode("Identity", Unique($"output/{value.Name}"), [from], [value.Name], []));
    }

    /// <summary>Adds a node with one output.</summary>
    public string Add(string operation, params string[] inputs) => Add(operation, [], inputs);

    /// <summary>Adds a node with one output and attributes.</summary>
    public string Add(string operation, (string Name, object Value)[] attributes, params string[] inputs) =>
        Add(operation, 1, attributes, inputs)[0];

    /// <summary>Adds a node with several outputs.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="outputs">How many.</param>
    /// <param name="attributes">Attributes.</param>
    /// <param name="inputs">What it reads.</param>
    public string[] Add(string operation, int outputs, (string Name, object Value)[] attributes, params string[] inputs) =>
        Add(operation, [.. Enumerable.Repeat(true, outputs)], attributes, inputs);

    /// <summary>Adds a node some of whose outputs are left out; their names are empty.</summary>
    public string[] Add(string operation, bool[] outputs, (string Name, object Value)[] attributes, params string[] inputs)
    {
        var name = Unique(Layer.Length > 0 ? $"{Layer}/{operation}" : operation);
        var made = outputs.Select((wanted, i) => !wanted ? "" : outputs.Length == 1 ? name : $"{name}.{i}").ToArray();
        model.Nodes.Add(new OnnxNode(operation, name, inputs, made, attributes));
        return made;
    }

    /// <summary>A node that makes whole numbers.</summary>
    public string AddInteger(string operation, (string Name, object Value)[] attributes, params string[] inputs)
    {
        var name = Add(operation, attributes, inputs);
        _integers.Add(name);
        return name;
    }

    /// <summary>States that a value holds int64 numbers.</summary>
    public string Integer(string value)
    {
        _integers.Add(value);
        return value;
    }

    /// <summary>A value as float32.</summary>
    public string AsFloat(string value) => _integers.Contains(value) ? Cast(value, ElementKind.Float) : value;

    /// <summary>A value as int64.</summary>
    public string AsInteger(string value) => _integers.Contains(value) ? value : Integer(Cast(value, ElementKind.Int64));

    /// <summary>A value as another element type.</summary>
    public string Cast(string value, ElementKind kind) => Add("Cast", [("to", (long)kind)], value);

    /// <summary>Stored numbers of a tensor.</summary>
    /// <param name="tensor">The tensor; its memory is read when the model is written.</param>
    /// <param name="name">What to call it.</param>
    public string Weight(Tensor tensor, string name)
    {
        if (!_weights.TryGetValue((tensor, false), out var known))
            _weights[(tensor, false)] = known = Store(new OnnxTensor(Unique(name), tensor.Shape.Sizes.ToArray(), Memory(tensor)));
        return known;
    }

    /// <summary>Stored numbers of a matrix, its axes exchanged.</summary>
    public string TransposedWeight(Tensor tensor, string name)
    {
        if (_weights.TryGetValue((tensor, true), out var known)) return known;
        var (rows, columns) = (tensor.Shape[0], tensor.Shape[1]);
        var transposed = new float[tensor.Shape.Length];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++) transposed[j * rows + i] = tensor.Span[i * columns + j];
        return _weights[(tensor, true)] = Store(new OnnxTensor(Unique($"{name}.transposed"), [columns, rows], transposed));
    }

    /// <summary>A stored float32 number.</summary>
    public string Number(float value) =>
        Constant(string.Create(CultureInfo.InvariantCulture, $"float {value:R}"), name => new OnnxTensor(name, [], new[] { value }));

    /// <summary>Stored float32 numbers <c>[n]</c>.</summary>
    public string Numbers(params float[] values) =>
        Constant("floats " + string.Join(' ', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture))),
            name => new OnnxTensor(name, [values.Length], values));

    /// <summary>A stored int64 number without axes.</summary>
    public string Whole(long value) => Constant($"whole {value}", name => new OnnxTensor(name, [], default, [value]));

    /// <summary>Stored int64 numbers <c>[n]</c>.</summary>
    public string Wholes(params long[] values) =>
        Constant("wholes " + string.Join(' ', values), name => new OnnxTensor(name, [values.Length], default, values));

    /// <summary>A size as int64 <c>[1]</c>, read from the inputs where it depends on them.</summary>
    public string Size(Dim size)
    {
        if (size.IsConstant) return Wholes(size.Constant);
        if (_sizes.TryGetValue(size.ToString(), out var known)) return known;
        var layer = Layer;
        Layer = "sizes";
        var sum = size.Constant == 0 ? null : Wholes(size.Constant);
        foreach (var (symbol, factor) in size.Terms)
        {
            var term = Symbol(symbol);
            if (factor != 1) term = Add("Mul", term, Wholes(factor));
            sum = sum is null ? term : Add("Add", sum, term);
        }

        Layer = layer;
        return _sizes[size.ToString()] = Integer(sum!);
    }

    /// <summary>A size as an int64 number without axes.</summary>
    public string Scalar(Dim size) => size.IsConstant ? Whole(size.Constant) : Add("Squeeze", Size(size), Wholes(0));

    /// <summary>Sizes as int64 <c>[n]</c>.</summary>
    public string Sizes(IReadOnlyList<Dim> shape) => shape.All(size => size.IsConstant)
        ? Wholes([.. shape.Select(size => (long)size.Constant)])
        : Add("Concat", [("axis", 0L)], [.. shape.Select(Size)]);

    /// <summary>0, 1, … n − 1 as int64 <c>[n]</c>.</summary>
    public string Count(Dim size) => size.IsConstant
        ? Wholes([.. Enumerable.Range(0, size.Constant).Select(i => (long)i)])
        : Integer(Add("Range", Whole(0), Scalar(size), Whole(1)));

    private string Symbol(string name)
    {
        if (_sizes.TryGetValue(name, out var known)) return known;
        var (input, axis) = _symbols[name];
        return _sizes[name] = Integer(Add("Shape", [("start", (long)axis), ("end", axis + 1L)], input));
    }

    private string Constant(string key, Func<string, OnnxTensor> make)
    {
        if (!_constants.TryGetValue(key, out var known)) _constants[key] = known = Store(make(Unique("constant")));
        return known;
    }

    private string Store(OnnxTensor tensor)
    {
        model.Tensors.Add(tensor);
        if (tensor.Integers is not null) _integers.Add(tensor.Name);
        return tensor.Name;
    }

    private string Unique(string name)
    {
        var count = _names[name] = _names.GetValueOrDefault(name) + 1;
        return count == 1 ? name : Unique(string.Create(CultureInfo.InvariantCulture, $"{name}_{count}"));
    }

    private static ReadOnlyMemory<float> Memory(Tensor tensor) => tensor.Storage.Array.AsMemory(tensor.Storage.Offset, tensor.Shape.Length);
}
