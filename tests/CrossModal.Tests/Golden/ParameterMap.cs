using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>Which stored parameter, and which rows of it, each of our parameters is.</summary>
internal sealed class ParameterMap
{
    private readonly GoldenCase _golden;
    private readonly Module _module;
    private readonly List<(string Ours, Tensor Parameter, string Stored, int Start)> _entries = [];
    private readonly HashSet<string> _untouched = [];

    /// <summary>Maps every parameter of a module.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="module">The module.</param>
    /// <param name="rules">Our part of a name and the reference's, tried in order: <c>("cross_attn.attention.q_proj",
    /// "crossAttention.queryProj")</c>.</param>
    /// <param name="unused">Prefixes of our parameters the case does not reach and that keep their first values.</param>
    public ParameterMap(GoldenCase golden, Module module, IReadOnlyList<(string Ours, string Reference)> rules, params string[] unused)
    {
        (_golden, _module) = (golden, module);
        foreach (var (name, parameter) in module.Parameters())
        {
            if (unused.Any(u => name.StartsWith(u, StringComparison.Ordinal)))
            {
                _untouched.Add(name);
                continue;
            }

            var (stored, start) = Find(rules.Aggregate(name, (n, rule) => n.Replace(rule.Ours, rule.Reference, StringComparison.Ordinal)),
                parameter.Shape);
            _entries.Add((name, parameter, stored, start));
        }
    }

    /// <summary>Maps every parameter of a published model and loads it as its checkpoints are loaded.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="module">The model.</param>
    /// <param name="names">What the reference calls the parameters.</param>
    public ParameterMap(GoldenCase golden, Module module, CheckpointNames names)
    {
        (_golden, _module) = (golden, module);
        ModelFile.Load(golden.Checkpoint, module, names);
        foreach (var entry in names.Entries(module)) _entries.Add((entry.Name, entry.Parameter, entry.Key, entry.Start));
    }

    /// <summary>Stored parameters that none of ours is.</summary>
    public IEnumerable<string> Left => _golden.Under("param/").Except(_entries.Select(e => e.Stored));

    /// <summary>The parameters by our names, with what is stored for each under a prefix.</summary>
    public IEnumerable<(Tensor Parameter, string Stored, int Start)> Entries => _entries.Select(e => (e.Parameter, e.Stored, e.Start));

    /// <summary>Loads the stored values through <see cref="Module.Load"/>.</summary>
    public void Load()
    {
        var values = _module.Parameters().Where(p => _untouched.Contains(p.Key)).ToDictionary();
        foreach (var (ours, parameter, stored, start) in _entries)
            values[ours] = Tensor.From(_golden.Tensor($"param/{stored}").Span.Slice(start, parameter.Shape.Length).ToArray(),
                parameter.Shape);
        _module.Load(values);
    }

    /// <summary>Compares the gradient of every parameter; one that does not reach the loss counts as zeros.</summary>
    public void CompareGradients(Gradients gradients, Comparison comparison)
    {
        foreach (var (_, parameter, stored, start) in _entries)
        {
            var gradient = gradients.TryGet(parameter, out var found) ? found : Tensor.Zeros(parameter.Shape);
            if (_golden.NotReached.Contains($"param/{stored}"))
            {
                comparison.That(gradient.ToArray().All(g => g == 0), $"{stored} has a gradient, but does not reach the reference's loss");
                continue;
            }

            comparison.Part($"grad/{stored}", gradient.Span, start, "gradients");
        }
    }

    /// <summary>A stored parameter of the name, or the rows of torch's in_proj_weight that are our q_proj, k_proj or v_proj.</summary>
    private (string Stored, int Start) Find(string name, Shape shape)
    {
        if (_golden.Has($"param/{name}")) return (name, 0);
        string[] projections = ["q_proj", "k_proj", "v_proj"];
        for (var i = 0; i < projections.Length; i++)
        {
            foreach (var leaf in new[] { "weight", "bias" })
            {
                if (!name.EndsWith($"{projections[i]}.{leaf}", StringComparison.Ordinal)) continue;
                var path = name[..^(projections[i].Length + 1 + leaf.Length)];
                if (_golden.Has($"param/{path}{projections[i]}_{leaf}")) return ($"{path}{projections[i]}_{leaf}", 0);
                if (_golden.Has($"param/{path}in_proj_{leaf}")) return ($"{path}in_proj_{leaf}", i * shape.Length);
            }
        }

        throw new InvalidDataException(
            $"{_golden.Name}: no stored parameter is our '{name}' {shape}; there are: {string.Join(", ", _golden.Under("param/"))}");
    }
}
