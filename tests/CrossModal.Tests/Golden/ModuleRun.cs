using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Inference;

namespace CrossModal.Tests.Golden;

/// <summary>One case on its way through a recorded pass: inputs, outputs, the weighted loss, gradients.</summary>
internal sealed class ModuleRun : IDisposable
{
    private readonly GoldenCase _golden;
    private readonly Comparison _comparison;
    private readonly TensorPool _pool = new(poison: true);
    private readonly Dictionary<string, Tensor> _inputs = []; // by the name of their gradient
    private readonly Dictionary<string, Tensor> _outputs = [];
    private readonly List<(int Entry, string Stored)> _attentions = [];
    private readonly Dictionary<int, Func<Tensor, Pass, Tensor>> _arranged = [];

    public ModuleRun(GoldenCase golden, Comparison comparison)
    {
        (_golden, _comparison) = (golden, comparison);
        Pass = Pass.Recording(Trace, pool: _pool);
    }

    public AttentionTrace Trace { get; } = new();

    public Pass Pass { get; }

    /// <summary>An input, marked as wanting a gradient when one is stored.</summary>
    public Tensor Input(string name) => Given($"in/{name}", $"grad_in/{name}");

    /// <summary>Demands that the configuration states the sizes of an input, where it states them.</summary>
    /// <param name="input">Name of the input; it must be stored.</param>
    /// <param name="keys">Key of each axis from the first on, null for an axis without.</param>
    public void Sizes(string input, params ReadOnlySpan<string?> keys)
    {
        var shape = _golden.Stored($"in/{input}").Shape;
        for (var axis = 0; axis < keys.Length; axis++)
            if (keys[axis] is { } key) _comparison.States(key, shape[axis]);
    }

    /// <summary>A parameter of a bare operation, marked as wanting a gradient when one is stored; null when there is none.</summary>
    public Tensor? Parameter(string name) => _golden.Has($"param/{name}") ? Given($"param/{name}", $"grad/{name}") : null;

    /// <summary>Compares an output and, if it has a weight, adds it to the loss.</summary>
    public void Output(string name, Tensor value)
    {
        _comparison.Output(name, value);
        _outputs[name] = value;
    }

    /// <summary>Compares the weights of one attention, by its place in the trace, and when stored their mean over heads.</summary>
    public void Attention(int entry, string stored, string? average = null)
    {
        var weights = Trace.Entries[entry].Value;
        _attentions.Add((entry, stored));
        _comparison.Attention(stored, weights);
        if (average is null || Conventions.Reason(_golden.Name, $"attn/{average}") is not null) return;
        using var pass = Pass.Evaluation();
        _comparison.Attention(average, pass.Mean(weights, axis: 1));
    }

    /// <summary>Compares the weights of one attention, by its name in the trace.</summary>
    /// <param name="path">Name of the layer.</param>
    /// <param name="stored">Name of the stored weights.</param>
    /// <param name="run">Which of its runs.</param>
    public void Attention(string path, string stored, int run = 0)
    {
        var entries = Trace.Entries.Select((entry, i) => (entry.Key, Place: i)).Where(e => e.Key == path).Select(e => e.Place).ToList();
        if (entries.Count > run) Attention(entries[run], stored);
        else _comparison.That(false,
            $"the trace has {entries.Count} entries '{path}', expected {run + 1}; there are: {string.Join(", ", Trace.Entries.Select(e => e.Key))}");
    }

    /// <summary>Compares the weights of one attention whose stored form has other axes.</summary>
    /// <param name="entry">Place in the trace.</param>
    /// <param name="stored">Name.</param>
    /// <param name="arrange">Our weights <c>[B, H, Nq, Nk]</c> as the reference stores them.</param>
    public void Attention(int entry, string stored, Func<Tensor, Pass, Tensor> arrange)
    {
        using var pass = Pass.Evaluation();
        _arranged[entry] = arrange;
        _attentions.Add((entry, stored));
        _comparison.Attention(stored, arrange(Trace.Entries[entry].Value, pass));
    }

    /// <summary>Compares the trace's name of an entry.</summary>
    public void Named(int entry, string path) =>
        _comparison.That(Trace.Entries[entry].Key == path,
            $"trace entry {entry} is called '{Trace.Entries[entry].Key}', expected '{path}'");

    /// <summary>Compares results and attention of the same record, compiled, with and without absorption.</summary>
    private void Compiled()
    {
        foreach (var absorption in Enum.GetValues<Absorption>())
        {
            _comparison.Way = $"compiled, absorption {absorption}: ";
            var graph = Graph.Read(Pass.Record, new PlanInputs([], [.. _inputs.Values]) { FrameMoves = true }, [.. _outputs.Values]);
            foreach (var input in _inputs.Values) graph[input].Memory = input;
            var weights = new CompiledWeights();
            var options = new SessionOptions { Absorption = absorption };
            var steps = Lowering.Lower(graph, weights, new Dictionary<Tensor, string>(), options);
            var compiled = new CompiledGraph(steps, _outputs.Values.Select(tensor => graph[tensor]), weights, Pass.Workers);
            compiled.Run(Stage.Frame);
            foreach (var (name, value) in _outputs) _comparison.Output(name, graph[value].Memory);
            foreach (var (entry, stored) in _attentions)
            {
                // A layer that runs several times is asked for by the number of its run.
                var layer = Trace.Entries[entry].Key;
                var found = compiled.Attention(layer, Trace.Entries.Take(entry).Count(e => e.Key == layer));
                using var pass = Pass.Evaluation();
                _comparison.Attention(stored, _arranged.TryGetValue(entry, out var arrange) ? arrange(found, pass) : found);
            }
        }

        _comparison.Way = "";
    }

    /// <summary>Compares the loss and every gradient, and sees that no memory is lost.</summary>
    public void Backward(ParameterMap? parameters = null)
    {
        Compiled();
        Tensor? loss = null;
        foreach (var (name, value) in _outputs)
        {
            if (!_golden.Has($"loss_weight/{name}")) continue;
            var term = Pass.Sum(Pass.Multiply(value, _golden.Tensor($"loss_weight/{name}")));
            loss = loss is null ? term : Pass.Add(loss, term);
        }

        if (loss is null) return;
        _comparison.Loss(loss);
        using (var gradients = Pass.Backward(loss))
        {
            foreach (var (gradient, input) in _inputs)
                if (input.RequiresGradient)
                    _comparison.Tensor(gradient, gradients.TryGet(input, out var g) ? g : Tensor.Zeros(input.Shape), "gradients");
            parameters?.CompareGradients(gradients, _comparison);
        }
    }

    public void Dispose()
    {
        Pass.Dispose();
        _comparison.That(_pool.Outstanding == 0, $"{_pool.Outstanding} blocks of memory were not given back");
    }

    private Tensor Given(string stored, string gradient)
    {
        if (_inputs.TryGetValue(gradient, out var known)) return known;
        var value = _golden.Tensor(stored);
        return _inputs[gradient] = _golden.Has(gradient) ? Pass.Differentiable(value) : value;
    }
}
