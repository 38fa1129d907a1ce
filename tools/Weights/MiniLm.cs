using System.Reflection;
using CrossModal.Engine.Formats;

namespace CrossModal.Weights;

/// <summary>all-MiniLM-L6-v2 as a folder of Hugging Face's layout, made of the ONNX model that a package holds.</summary>
internal static class MiniLm
{
    private const string Config = """
        {
          "architectures": ["BertModel"],
          "hidden_act": "gelu",
          "hidden_size": 384,
          "intermediate_size": 1536,
          "layer_norm_eps": 1e-12,
          "max_position_embeddings": 512,
          "model_type": "bert",
          "num_attention_heads": 12,
          "num_hidden_layers": 6,
          "pad_token_id": 0,
          "type_vocab_size": 2,
          "vocab_size": 30522
        }

        """;

    private const string TokenizerConfig = """
        {
          "do_lower_case": true,
          "model_max_length": 512,
          "tokenizer_class": "BertTokenizer"
        }

        """;

    /// <summary>Writes <c>config.json</c>, <c>tokenizer_config.json</c>, <c>vocab.txt</c>, <c>model.safetensors</c> and
    /// <c>onnx/model.onnx</c>.</summary>
    /// <param name="assembly">The package's assembly.</param>
    /// <param name="folder">Where to.</param>
    public static void Write(string assembly, string folder)
    {
        if (!File.Exists(assembly)) throw new FileFormatException(assembly, "is missing");
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        var model = Resource(assembly, "model.onnx");
        AtomicFile.Write(Path.Combine(folder, "onnx", "model.onnx"), stream => stream.Write(model));
        var vocabulary = System.Text.Encoding.UTF8.GetString(Resource(assembly, "vocab.txt")).ReplaceLineEndings("\n");
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), vocabulary);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), TokenizerConfig);
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), Parameters(OnnxGraph.Read(model, assembly)),
            [new("format", "pt")]);
    }

    /// <summary>The parameters under their published names. Matrices are nameless in the graph: the Add that consumes a product has the
    /// bias <c>X.bias</c> as its other input, so the right-hand side of the product, stored <c>[in, out]</c>, is <c>X.weight</c>
    /// transposed.</summary>
    private static IEnumerable<KeyValuePair<string, StoredArray>> Parameters(OnnxGraph graph)
    {
        foreach (var (name, tensor) in graph.Tensors)
            if (tensor.IsFloat && (name.StartsWith("embeddings.", StringComparison.Ordinal)
                || name.StartsWith("encoder.", StringComparison.Ordinal) || name.StartsWith("pooler.", StringComparison.Ordinal)))
                yield return new(name, new StoredArray(ElementType.F32, tensor.Sizes, tensor.Bytes));
        var products = graph.Nodes.Where(node => node.Operation == "MatMul").ToDictionary(node => node.Outputs[0]);
        foreach (var add in graph.Nodes.Where(node => node.Operation == "Add"))
        {
            var bias = add.Inputs.FirstOrDefault(name => name.EndsWith(".bias", StringComparison.Ordinal));
            var product = add.Inputs.Select(products.GetValueOrDefault).FirstOrDefault(node => node is not null);
            if (bias is null || product is null || !graph.Tensors.TryGetValue(product.Inputs[1], out var matrix)) continue;
            yield return new(bias[..^"bias".Length] + "weight",
                new StoredArray(ElementType.F32, [matrix.Sizes[1], matrix.Sizes[0]], Transposed(matrix)));
        }
    }

    private static byte[] Transposed(OnnxTensor matrix)
    {
        var (rows, columns) = (matrix.Sizes[0], matrix.Sizes[1]);
        var transposed = new byte[matrix.Bytes.Length];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++)
                matrix.Bytes.AsSpan((i * columns + j) * sizeof(float), sizeof(float))
                    .CopyTo(transposed.AsSpan((j * rows + i) * sizeof(float)));
        return transposed;
    }

    private static byte[] Resource(string assembly, string name)
    {
        var loaded = Assembly.LoadFile(Path.GetFullPath(assembly));
        var full = loaded.GetManifestResourceNames().FirstOrDefault(n => n.EndsWith(name, StringComparison.Ordinal))
            ?? throw new FileFormatException(assembly, $"has no resource '{name}'");
        using var stream = loaded.GetManifestResourceStream(full)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
