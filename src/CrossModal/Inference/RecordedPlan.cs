using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Inference;

/// <summary>A forward pass recorded on inputs of one set of sizes and compiled: steps of three stages on planned memory.</summary>
internal sealed class RecordedPlan
{
    private readonly Graph _graph;
    private readonly RecordedTrace _trace;

    /// <summary>Records a forward pass and compiles the record.</summary>
    /// <param name="module">Owner of the parameters, for the names of the plan's rows.</param>
    /// <param name="inputs">Tensors that the pass is given.</param>
    /// <param name="forward">The pass; it returns the tensors wanted.</param>
    /// <param name="options">How to compile.</param>
    /// <param name="weights">Where packed weights are kept.</param>
    /// <exception cref="ShapeException">The inputs do not fit.</exception>
    public RecordedPlan(Module module, PlanInputs inputs, Func<Pass, IReadOnlyList<Tensor>> forward, SessionOptions options,
        CompiledWeights weights)
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Planning(options.Workers, trace);
        var results = forward(pass);

        // What shares of tokens follow from is kept for whoever asks: what the pass computes of it is not overwritten.
        var made = pass.Record.SelectMany(node => node.Outputs).ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
        var kept = RecordedTrace.Kept(trace).Where(made.Contains).ToList();
        _graph = Graph.Read(pass.Record, inputs, [.. results, .. kept]);
        _trace = new RecordedTrace(trace, _graph);
        foreach (var tensor in inputs.InPlace) _graph[tensor].Memory = tensor;
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in module.Parameters()) names.TryAdd(parameter, name);
        var steps = Lowering.Lower(_graph, weights, names, options).ToList();
        var outputs = results.Select(tensor => Own(_graph[tensor], steps)).ToArray();
        Compiled = new CompiledGraph(steps, [.. outputs, .. kept.Select(tensor => _graph[tensor])], weights, pass.Workers);
        Outputs = Array.ConvertAll(outputs, output => output.Memory);
    }

    /// <summary>The steps and their memory.</summary>
    public CompiledGraph Compiled { get; }

    /// <summary>The results, in the order the pass returned them; overwritten by every run.</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>The value that an input of the recording became.</summary>
    public Value this[Tensor input] => _graph[input];

    /// <summary>The trace of the last run, as the eager pass would have written it, by running every stage that attends once more;
    /// attentions whose results nothing reads are not computed and not in it.</summary>
    public AttentionTrace ReadTrace() => _trace.Of(Compiled.Attentions());

    /// <summary>Makes every run of a frame write the weights of each attention to patches.</summary>
    /// <returns>What the pass stated of each, and where its weights are written, <c>[B, H, Nq, Nk]</c>.</returns>
    public IReadOnlyList<(TraceEntry Entry, Tensor Weights)> KeepAttentionToPatches() =>
        [.. _trace.ToPatches().Select(found => (found.Entry, Weights: Compiled.Keep(found.Index)))
            .Where(kept => kept.Weights is not null).Select(kept => (kept.Entry, kept.Weights!))];

    /// <summary>A result that is an input itself is copied: the caller's memory is not ours to hand out.</summary>
    private static Value Own(Value result, List<Step> steps)
    {
        if (!result.Root.IsInput) return result;
        var copy = new Value(result.Shape, result.Stage) { IsOutput = true };
        steps.Add(new CopyStep(result, copy));
        return copy;
    }
}
