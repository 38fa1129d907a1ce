using CrossModal.Benchmarks.Policies;
using CrossModal.Engine.Recording;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>The whole policy of cross-attention as an ONNX graph: inputs images and state, output the action and the gripper.</summary>
/// <remarks>
/// The words are constants, so that ONNX Runtime folds everything that depends on the instruction alone, as the session does. The kinds:
/// plain (attention written out), mha (com.microsoft MultiHeadAttention), attn23 (ai.onnx 23 Attention).
/// </remarks>
internal sealed class PolicyGraph
{
    private readonly string _kind;
    private readonly PolicyExample _example;
    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, Tensor> _parameters;
    private readonly int _width, _heads;

    private PolicyGraph(string kind, PolicyExample example)
    {
        var options = example.Policy.Options;
        if (options.Strategy != CrossModalTransformer.Description.Name)
            throw new ArgumentException($"there is no ONNX graph of '{options.Strategy}'");
        (_kind, _example, _graph) = (kind, example, new OnnxGraph(kind == "attn23" ? 23 : 17));
        (_width, _heads) = (options.Fusion.Width, options.Fusion.Heads);
        _parameters = example.Policy.Parameters().ToDictionary(p => p.Key, p => p.Value);
    }

    /// <summary>The model of a kind, serialised.</summary>
    /// <exception cref="ArgumentException">There is no such kind, or no graph of the strategy.</exception>
    public static byte[] Model(string kind, PolicyExample example) => new PolicyGraph(kind, example).Build();

    private byte[] Build()
    {
        var (size, state) = (_example.ImageSize, _example.State.Shape[1]);
        _graph.Input("images", 1, 3, size, size);
        _graph.Input("state", 1, state);
        var (words, vision) = (Words(), Vision());
        for (var i = 0; i < _example.Policy.Options.Fusion.Layers; i++) words = Block($"fusion.layers.{i}", words, vision);
        var fused = _graph.Mean(Norm(words, "fusion.norm"), axis: 1);
        var action = Act(fused, state);
        _graph.Output(action, "Y", 1, _example.Policy.Options.Actions + 1);
        return _graph.ToBytes();
    }

    /// <summary>The text encoder over words that are constants.</summary>
    private string Words()
    {
        Tensor table = _parameters["language.words.weight"], places = _parameters["language.positions.weight"];
        var count = _example.Words.Shape[1];
        var values = new float[count * _width];
        for (var i = 0; i < values.Length; i++)
            values[i] = table.Span[(int)_example.Words.Span[i / _width] * _width + i % _width] + places.Span[i];
        var x = _graph.Constant(values, 1, count, _width);
        for (var i = 0; i < _example.Policy.Options.Perception.WordLayers; i++)
        {
            var name = $"language.reader.layers.{i}";
            var normed = Norm(x, $"{name}.norm1");
            x = _graph.Add(x, Attention($"{name}.self_attn", normed, normed));
            x = _graph.Add(x, FeedForward($"{name}.feed_forward", Norm(x, $"{name}.norm2")));
        }

        return Norm(x, "language.reader.norm");
    }

    /// <summary>Stem, norms and positions.</summary>
    private string Vision()
    {
        var x = _graph.Node("Sub", [_graph.Node("Mul", ["images", _graph.Constant([2f])]), _graph.Constant([1f])]);
        for (var i = 0; _parameters.ContainsKey($"vision.stem.layers.{i}.weight"); i++) x = Convolution($"vision.stem.layers.{i}", x,
            stride: 2);
        for (var i = 0; _parameters.ContainsKey($"vision.stem.around.{i}.weight"); i++) x = _graph.Add(x,
            Convolution($"vision.stem.around.{i}", x, stride: 1));
        var grid = _example.Policy.Grid;
        x = Norm(_graph.Transpose(_graph.Reshape(x, 1, _width, grid.Count), 0, 2, 1), "vision.norm1");
        using var pass = Pass.Evaluation();
        var positions = SinCosPositions.Grid(grid, _width).Forward(Tensor.Zeros([1, grid.Count, _width]), pass);
        return Norm(_graph.Add(x, _graph.Constant(positions.Span, 1, grid.Count, _width)), "vision.norm2");
    }

    private string Convolution(string name, string x, int stride)
    {
        var (weight, bias) = (_parameters[$"{name}.weight"], _parameters[$"{name}.bias"]);
        var (outputs, inputs, side) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        return _graph.Node("Relu", [_graph.Node("Conv", [x, _graph.Constant(weight.Span, outputs, inputs, side, side),
            _graph.Constant(bias.Span, outputs)],
            ("kernel_shape", (int[])[side, side]), ("strides", (int[])[stride, stride]), ("pads", (int[])[1, 1, 1, 1]))]);
    }

    private string Block(string name, string x, string vision)
    {
        var normed = Norm(x, $"{name}.self_norm");
        x = _graph.Add(x, Attention($"{name}.self_attn", normed, normed));
        x = _graph.Add(x, Attention($"{name}.cross_attn", Norm(x, $"{name}.cross_norm"), vision));
        return _graph.Add(x, FeedForward($"{name}.feed_forward", Norm(x, $"{name}.feed_forward_norm")));
    }

    private string Attention(string name, string query, string attended)
    {
        var (q, k, v) = (Linear(query, $"{name}.q_proj"), Linear(attended, $"{name}.k_proj"), Linear(attended, $"{name}.v_proj"));
        var mixed = _kind switch
        {
            "plain" => WrittenOut(q, k, v),
            "mha" => _graph.Extended("MultiHeadAttention", [q, k, v], ("num_heads", _heads)),
            "attn23" => _graph.Node("Attention", [q, k, v], ("q_num_heads", _heads), ("kv_num_heads", _heads)),
            _ => throw new ArgumentException($"there is no graph of the kind '{_kind}'"),
        };
        return Linear(mixed, $"{name}.out_proj");
    }

    private string WrittenOut(string query, string key, string value)
    {
        string Heads(string x, params int[] order) => _graph.Transpose(_graph.Reshape(x, 1, -1, _heads, _width / _heads), order);
        var scores = _graph.MatMul(Heads(query, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1));
        scores = _graph.Node("Mul", [scores, _graph.Constant([1 / MathF.Sqrt(_width / (float)_heads)])]);
        var mixed = _graph.MatMul(_graph.Node("Softmax", [scores], ("axis", -1)), Heads(value, 0, 2, 1, 3));
        return _graph.Reshape(_graph.Transpose(mixed, 0, 2, 1, 3), 1, -1, _width);
    }

    private string FeedForward(string name, string x) => Linear(_graph.Gelu(Linear(x, $"{name}.fc1")), $"{name}.fc2");

    /// <summary>
    /// Points, ways to them, and the network that acts, as <see cref="CrossModal.Policies.LanguagePolicy"/> has them for two points.
    /// </summary>
    private string Act(string fused, int state)
    {
        var points = Perceptron(fused, "pointer");
        var tool = Slice("state", 0, 3);
        var ways = _graph.Node("Sub", [points, _graph.Node("Concat", [tool, tool], ("axis", 1))]);
        var (empty, full) = (Slice(ways, 0, 3), Slice(ways, 3, 3));
        var now = _graph.Add(empty, _graph.Node("Mul", [_graph.Node("Sub", [full, empty]), Slice("state", state - 1, 1)]));
        var way = _graph.Node("Concat", [ways, now], ("axis", 1));
        var near = _graph.Node("Tanh", [_graph.Node("Mul", [way, _graph.Constant([8f])])]);
        return Perceptron(_graph.Node("Concat", [fused, "state", _graph.Node("Mul", [way, _graph.Constant([2f])]), near], ("axis", 1)),
            "actor");
    }

    private string Slice(string x, int start, int length) => _graph.Node("Slice", [x, _graph.Whole(start), _graph.Whole(start + length),
        _graph.Whole(1)]);

    private string Perceptron(string x, string name)
    {
        for (var i = 0; _parameters.ContainsKey($"{name}.layers.{i}.weight"); i++) x = Linear(i > 0 ? _graph.Gelu(x) : x,
            $"{name}.layers.{i}");
        return x;
    }

    private string Norm(string x, string name) => _graph.Norm(x, _parameters[$"{name}.weight"].Span, _parameters[$"{name}.bias"].Span);

    private string Linear(string x, string name)
    {
        var weight = _parameters[$"{name}.weight"];
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var transposed = new float[inputs * outputs];
        for (var i = 0; i < transposed.Length; i++) transposed[i] = weight.Span[i % outputs * inputs + i / outputs];
        return _graph.Add(_graph.MatMul(x, _graph.Constant(transposed, inputs, outputs)),
            _graph.Constant(_parameters[$"{name}.bias"].Span, outputs));
    }
}
