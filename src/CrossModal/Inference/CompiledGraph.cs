using System.Diagnostics;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>The steps of a graph with their memory, stage by stage: what runs.</summary>
internal sealed class CompiledGraph
{
    private readonly Step[][] _stages;
    private readonly IAttentionStep[] _attentions;
    private readonly Workers _workers;

    /// <summary>Gives every value its memory and computes what depends on weights alone.</summary>
    /// <param name="steps">The steps, in order.</param>
    /// <param name="outputs">What is wanted; never overwritten within a frame.</param>
    /// <param name="weights">Where copies of constants are kept.</param>
    /// <param name="workers">Threads.</param>
    public CompiledGraph(IReadOnlyList<Step> steps, IEnumerable<Value> outputs, CompiledWeights weights, Workers workers)
    {
        _workers = workers;

        // Runs of a layer are counted as the strategy has them, not by stage: for a view without tokens attention is a constant.
        _attentions = [.. steps.OfType<IAttentionStep>()];
        _stages = [.. Enum.GetValues<Stage>().Select(stage => steps.Where(s => s.Stage == stage).ToArray())];
        var read = steps.SelectMany(s => s.Reads).Distinct().ToList();
        foreach (var value in read.Concat(outputs).Where(v => v.Root.Constant is not null && !v.Root.HasMemory).Distinct())
            value.Root.Memory = weights.Constant(value.Root.Constant!);

        var results = outputs.Select(v => v.Root).ToHashSet();
        foreach (var stage in Enum.GetValues<Stage>())
        {
            var later = steps.Where(s => s.Stage > stage).SelectMany(s => s.Reads).Select(v => v.Root).ToHashSet();
            WorkingBytes += MemoryPlan.Assign(_stages[(int)stage], v => results.Contains(v) || later.Contains(v));
        }

        foreach (var value in read.Concat(outputs).Where(v => v.Root != v && v.Root.HasMemory).Distinct())
            value.Memory = value.Root.Memory.View(value.Shape);
        foreach (var step in steps) step.Prepare(workers);
        Run(Stage.Constant);
    }

    /// <summary>Bytes of the memory planned, weights and inputs apart.</summary>
    public long WorkingBytes { get; }

    /// <summary>The paths of layers that attend, in the order in which the strategy has them.</summary>
    public IEnumerable<string> AttentionLayers => _attentions.Select(a => a.Layer);

    /// <summary>Runs a stage.</summary>
    public void Run(Stage stage)
    {
        foreach (var step in _stages[(int)stage]) step.Execute(_workers);
    }

    /// <summary>The layers of a stage's steps, in the order they run; empty where no parameter says.</summary>
    public IReadOnlyList<string> Layers(Stage stage) => Array.ConvertAll(_stages[(int)stage], step => step.Layer);

    /// <summary>Runs a stage and writes how long each of its steps took.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="ticks">Receives the ticks of <see cref="Stopwatch"/> of every step, <c>[steps]</c>.</param>
    public void Run(Stage stage, Span<long> ticks)
    {
        var steps = _stages[(int)stage];
        for (var i = 0; i < steps.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            steps[i].Execute(_workers);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
    }

    /// <summary>The weights of an attention, by running its stage once more; nothing else changes.</summary>
    /// <param name="layer">Path of the layer.</param>
    /// <param name="run">Which of its runs, when it runs several times.</param>
    /// <exception cref="KeyNotFoundException">There is no such layer, or it runs fewer times.</exception>
    public Tensor Attention(string layer, int run)
    {
        var step = _attentions.Where(a => a.Layer == layer).ElementAtOrDefault(run)
            ?? throw new KeyNotFoundException(
                $"InferenceSession: no attention '{layer}'{(run > 0 ? $" that runs {run + 1} times" : "")}; there are: {string.Join(", ", AttentionLayers)}");
        return Compute(step)[0];
    }

    /// <summary>The weights of all attentions, in the order in which the strategy has them, by running the stages that attend once
    /// more.</summary>
    public IReadOnlyList<Tensor> Attentions() => Compute(_attentions);

    /// <summary>Makes every run of a frame write the weights of an attention.</summary>
    /// <param name="attention">Which, in the order in which the strategy has them.</param>
    /// <returns>Where they are written, <c>[B, H, Nq, Nk]</c>; null when the attention is not computed every frame.</returns>
    public Tensor? Keep(int attention) => _attentions[attention] is Step { Stage: Stage.Frame }
        ? _attentions[attention].Weights ??= Tensor.Zeros(_attentions[attention].WeightsShape) : null;

    private Tensor[] Compute(params IAttentionStep[] steps)
    {
        var kept = Array.ConvertAll(steps, step => step.Weights);
        try
        {
            foreach (var step in steps) step.Weights = Tensor.Zeros(step.WeightsShape);
            foreach (var stage in steps.Select(step => ((Step)step).Stage).Distinct().Order()) Run(stage);
            return Array.ConvertAll(steps, step => step.Weights!);
        }
        finally
        {
            for (var i = 0; i < steps.Length; i++) steps[i].Weights = kept[i];
        }
    }

    /// <summary>What runs when, with the share of a frame's time each step takes.</summary>
    /// <param name="frames">Frames measured.</param>
    public SessionPlan Explain(int frames)
    {
        var steps = _stages[(int)Stage.Frame];
        var ticks = new long[frames][];
        for (var frame = 0; frame < frames; frame++) Run(Stage.Frame, ticks[frame] = new long[steps.Length]);

        // Medians: a step that was interrupted once, or compiled at its first call, shows as it usually is.
        var usual = steps.Select((_, i) => frames == 0 ? 0 : ticks.Select(t => t[i]).Order().ElementAt(frames / 2)).ToArray();
        double total = Math.Max(1, usual.Sum());
        var rows = _stages.SelectMany(s => s).Select(s => new SessionStep(
            s.Stage, s.Layer, s.Action, s.Flops, s.Bytes, s.Stage == Stage.Frame ? usual[Array.IndexOf(steps, s)] / total : null)).ToList();
        return new SessionPlan(rows, TimeSpan.FromSeconds(total / Stopwatch.Frequency), WorkingBytes);
    }
}
