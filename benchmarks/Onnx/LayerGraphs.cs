using CrossModal.Benchmarks.Cases;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>The ONNX graphs of layers and networks of four blocks: inputs L and V, output Y.</summary>
/// <remarks>The kinds: plain (MatMul and Add), gemm2d (Gemm over two axes), mha (com.microsoft MultiHeadAttention), attn23 (ai.onnx 23
/// Attention), absorb (the projections of the visual tokens absorbed into the queries). A network has each block in the same
/// kind.</remarks>
internal sealed class LayerGraphs
{
    private readonly NetworkInputs _inputs;
    private readonly LayerShape _shape;
    private readonly string _kind;
    private readonly OnnxGraph _graph;
    private string _prefix = "";

    private LayerGraphs(string kind, NetworkInputs inputs) =>
        (_kind, _inputs, _shape, _graph) = (kind, inputs, inputs.Network.Shape, new OnnxGraph(kind == "attn23" ? 23 : 17));

    private bool IsFlat => _kind == "gemm2d";

    private int Head => _shape.Width / _shape.Heads;

    /// <summary>The model of a kind, serialised.</summary>
    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public static byte[] Model(string kind, NetworkInputs inputs) => new LayerGraphs(kind, inputs).Build();

    private byte[] Build()
    {
        int[] words = [_shape.Batch, _shape.Words, _shape.Width], visuals = [_shape.Batch, _shape.Visuals, _shape.Width];
        _graph.Input("L", words);
        _graph.Input("V", visuals);
        var (x, v) = IsFlat ? (_graph.Reshape("L", -1, _shape.Width), _graph.Reshape("V", -1, _shape.Width)) : ("L", "V");
        foreach (var prefix in _inputs.Network.Prefixes)
        {
            _prefix = prefix;
            x = _graph.Norm(_graph.Add(Attention(x, v), x), Array("g"), Array("be"));
            if (_inputs.Network.Blocks == 0) continue;
            var hidden = _graph.Gelu(Linear(x, "W1", Array("b1")));
            x = _graph.Norm(_graph.Add(Linear(hidden, "W2", Array("b2")), x), Array("g2"), Array("be2"));
        }

        _graph.Output(IsFlat ? _graph.Reshape(x, words) : x, "Y", words);
        return _graph.ToBytes();
    }

    /// <summary>Projections, attention and output projection of one block.</summary>
    private string Attention(string x, string v)
    {
        if (_kind == "absorb") return Linear(Absorbed(x), "Wo", AbsorbedBias());
        if (_kind == "mha")
        {
            float[] bias = [.. Array("bq"), .. Array("bk"), .. Array("bv")];
            string[] projected = [_graph.MatMul(x, Weight("Wq")), _graph.MatMul(v, Weight("Wk")), _graph.MatMul(v, Weight("Wv"))];
            return Linear(_graph.Extended("MultiHeadAttention", [.. projected, _graph.Constant(bias, bias.Length)], ("num_heads",
                _shape.Heads)), "Wo", Array("bo"));
        }

        var (query, key, value) = (Linear(x, "Wq", Array("bq")), Linear(v, "Wk", Array("bk")), Linear(v, "Wv", Array("bv")));
        var mixed = _kind switch
        {
            "attn23" => _graph.Node("Attention", [query, key, value], ("q_num_heads", _shape.Heads), ("kv_num_heads", _shape.Heads)),
            "plain" or "gemm2d" => WrittenOut(query, key, value),
            _ => throw new ArgumentException($"there is no graph of the kind '{_kind}'"),
        };
        return Linear(mixed, "Wo", Array("bo"));
    }

    /// <summary>softmax(q k' / sqrt(dh)) v, head by head.</summary>
    private string WrittenOut(string query, string key, string value)
    {
        var scores = _graph.MatMul(Heads(query, 0, 2, 1, 3), Heads(key, 0, 2, 3, 1));
        scores = _graph.Node("Mul", [scores, _graph.Constant([1 / MathF.Sqrt(Head)])]);
        return Joined(_graph.MatMul(_graph.Node("Softmax", [scores], ("axis", -1)), Heads(value, 0, 2, 1, 3)));
    }

    /// <summary>The mixture of the heads, keys and values never projected.</summary>
    private string Absorbed(string x)
    {
        var (width, heads) = (_shape.Width, _shape.Heads);
        var (keys, values) = (new float[width * width], new float[width * width]);
        float[] wk = Array("Wk"), wv = Array("Wv");
        var scale = 1 / MathF.Sqrt(Head);
        for (var i = 0; i < width; i++)
            for (var h = 0; h < heads; h++)
                for (var j = 0; j < Head; j++)
                {
                    keys[(h * Head + j) * width + i] = wk[i * width + h * Head + j] * scale;
                    values[(h * width + i) * Head + j] = wv[i * width + h * Head + j];
                }

        var q = _graph.MatMul(Heads(Linear(x, "Wq", Array("bq")), 0, 2, 1, 3), _graph.Constant(keys, 1, heads, Head, width));
        var scores = _graph.MatMul(_graph.Reshape(q, _shape.Batch, heads * _shape.Words, width), _graph.Transpose("V", 0, 2, 1));
        var mixed = _graph.MatMul(_graph.Node("Softmax", [scores], ("axis", -1)), "V");
        return Joined(_graph.MatMul(_graph.Reshape(mixed, _shape.Batch, heads, _shape.Words, width), _graph.Constant(values, 1, heads,
            width, Head)));
    }

    /// <summary>
    /// bv Wo + bo: the bias of the keys adds the same to a row of scores; that of the values adds a constant, because weights sum to 1.
    /// </summary>
    private float[] AbsorbedBias()
    {
        float[] bv = Array("bv"), wo = Array("Wo"), bo = Array("bo");
        return [.. Enumerable.Range(0, bo.Length).Select(j => (float)(bo[j] + Enumerable.Range(0, bv.Length).Sum(i =>
            (double)bv[i] * wo[i * bo.Length + j])))];
    }

    private string Heads(string x, params int[] order) => _graph.Transpose(_graph.Reshape(x, _shape.Batch, -1, _shape.Heads, Head), order);

    private string Joined(string x)
    {
        var together = _graph.Transpose(x, 0, 2, 1, 3);
        return IsFlat ? _graph.Reshape(together, -1, _shape.Width) : _graph.Reshape(together, _shape.Batch, -1, _shape.Width);
    }

    private string Linear(string x, string weight, float[] bias)
    {
        var constant = _graph.Constant(bias, bias.Length);
        return IsFlat ? _graph.Node("Gemm", [x, Weight(weight), constant]) : _graph.Add(_graph.MatMul(x, Weight(weight)), constant);
    }

    private string Weight(string name)
    {
        var values = Array(name);
        var columns = name == "W1" ? _inputs.Network.Hidden : _shape.Width;
        return _graph.Constant(values, values.Length / columns, columns);
    }

    private float[] Array(string name) => _inputs.Arrays[_prefix + name];
}
