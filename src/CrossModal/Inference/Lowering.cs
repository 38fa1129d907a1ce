using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>Turns the nodes of a graph into steps: softmax attention by its cheapest association, linear layers with what follows them, the
/// rest as recorded.</summary>
internal sealed class Lowering
{
    /// <summary>Tokens of more bytes than this are copied tile by tile inside the attention, so that no copy of a long input is
    /// held.</summary>
    private const long LargestPackedBytes = 8 << 20;

    // 2 KB: of rows so far apart few lines find room in the first-level cache; a line more is enough.
    private const int RowsThatCollide = 512;
    private const int RowGap = 16;

    private readonly CompiledWeights _weights;
    private readonly IReadOnlyDictionary<Tensor, string> _names;
    private readonly Dictionary<GraphNode, AttentionPlan> _attentions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphNode, GraphNode[]> _joins = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<GraphNode> _elsewhere = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphNode, LinearChain> _chains = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, TokenColumns> _columns = [];
    private readonly Dictionary<Value, Value> _packed = [];
    private readonly Dictionary<Value, PixelMap> _pixels = [];
    private readonly PixelLayout _layout;
    private readonly List<Step> _steps = [];

    private Lowering(Graph graph, CompiledWeights weights, IReadOnlyDictionary<Tensor, string> names) =>
        (_layout, _weights, _names) = (new PixelLayout(graph), weights, names);

    /// <summary>The steps of a graph, in an order in which each reads what earlier ones wrote.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Where packed weights are kept.</param>
    /// <param name="names">Names of parameters, for the plan's rows.</param>
    /// <param name="options">Whether projections are absorbed.</param>
    public static IReadOnlyList<Step> Lower(Graph graph, CompiledWeights weights, IReadOnlyDictionary<Tensor, string> names,
        SessionOptions options)
    {
        var lowering = new Lowering(graph, weights, names);
        foreach (var node in graph.Nodes)
            if (node is { Operation: AttentionOp operation, ReadsWeights: false })
                lowering.Plan(new AttentionPlan(node, operation, options));
        foreach (var node in graph.Nodes)
        {
            lowering.Chain(node);
            lowering.Scale(node);
        }

        foreach (var node in graph.Nodes) lowering.Emit(node);
        return lowering._steps;
    }

    private void Plan(AttentionPlan plan)
    {
        _attentions.Add(plan.Node, plan);
        if (plan.AbsorbedKeys is { } keys) _elsewhere.Add(keys);
        if (plan.AbsorbedValues is { } values) _elsewhere.Add(values);
        foreach (var group in plan.Joined)
        {
            _joins.Add(group[0], group);
            _elsewhere.UnionWith(group);
        }
    }

    /// <summary>Linear layers and convolutions take over what follows them.</summary>
    private void Chain(GraphNode node)
    {
        if (_elsewhere.Contains(node) || (LinearChain.Projection(node.Output) != node && !IsConvolution(node))) return;
        var chain = LinearChain.Of(node, next => _elsewhere.Contains(next) || _chains.ContainsKey(next));
        _elsewhere.UnionWith(chain.Nodes);
        _elsewhere.Remove(chain.Tail);
        _chains.Add(chain.Tail, chain);
    }

    private void Emit(GraphNode node)
    {
        if (_joins.TryGetValue(node, out var joined)) Join(joined);
        if (_elsewhere.Contains(node)) return;
        if (node.Operation is AttendingOperation attending) Attend(attending, node);
        else if (_chains.TryGetValue(node, out var chain)) Emit(chain);
        else if (node.Output.Root == node.Output) _steps.Add(new OperationStep(Name(node), node));
    }

    private void Emit(LinearChain chain)
    {
        if (IsConvolution(chain.Linear)) Convolve(chain);
        else Project(chain);
    }

    private bool IsConvolution(GraphNode node) => node.Operation is Conv2dOp && _layout.Contains(node.Output);

    private void Convolve(LinearChain chain)
    {
        var (node, shape, weight) = (chain.Linear, SizesOf(chain.Linear), chain.Linear.Inputs[1].Constant!);
        var isTiled = SmallTilesConvolution.Suits(shape);
        var bias = _weights.Bias([weight], [Bias(node)]);
        var weights = new ConvolutionWeights(isTiled ? null : _weights.Convolution(weight, shape),
            isTiled ? _weights.Tiles(weight, shape) : null,
            bias);
        var result = chain.Tail.Output;
        var around = isTiled || !PixelConvolution.TakesFrames(shape) ? 0 : FrameOf(result);
        var output = new PixelMap(around == 0 ? result : Framed(result.Shape, around, result.Stage), around);
        if (around > 0) _pixels.Add(result, output);
        _steps.Add(new ConvolutionStep(Name(node), shape, Pixels(node.Inputs[0]), weights, chain.Activation, chain.Residual, output));
    }

    private static ConvolutionShape SizesOf(GraphNode convolution)
    {
        var (operation, x, weight) = ((Conv2dOp)convolution.Operation, convolution.Inputs[0].Shape, convolution.Inputs[1].Shape);
        return new ConvolutionShape(x[0], x[1], x[2], x[3], weight[0], weight[2], weight[3], operation.Stride, operation.Padding);
    }

    /// <summary>A map that lies pixel by pixel: the value itself, or a copy that is made once for all its readers.</summary>
    private PixelMap Pixels(Value map)
    {
        if (_pixels.TryGetValue(map, out var known)) return known;
        if (_layout.Contains(map)) return new PixelMap(map, 0);
        var around = FrameOf(map);
        var pixels = new PixelMap(Framed(map.Shape, around, map.Stage), around);
        _pixels.Add(map, pixels);
        var scale = map.Producer is { Operation: ScaleOp } node && _elsewhere.Contains(node) ? node : null;
        var (factor, shift) = scale?.Operation is ScaleOp operation ? (operation.Factor, operation.Shift) : (1, 0);
        _steps.Add(new PixelsStep(scale is null ? map : scale.Inputs[0], factor, shift, pixels));
        return pixels;
    }

    /// <summary>The frame that all readers of a map want around it; 0 when one of them wants none or another.</summary>
    private int FrameOf(Value map)
    {
        if (map.IsOutput || map.Consumers.Count == 0) return 0;
        var around = ((map.Consumers[0].Operation as Conv2dOp)?.Padding).GetValueOrDefault();
        return map.Consumers.TrueForAll(reader => IsConvolution(reader) && reader.Inputs[0] == map
            && ((Conv2dOp)reader.Operation).Padding == around && TakesFrames(SizesOf(reader))) ? around : 0;
    }

    private static bool TakesFrames(in ConvolutionShape shape) =>
        SmallTilesConvolution.Suits(shape) || PixelConvolution.TakesFrames(shape);

    private static Value Framed(Shape shape, int around, Stage stage) =>
        new([shape[0], shape[2] + 2 * around, shape[3] + 2 * around, shape[1]], stage);

    /// <summary>A picture is scaled while it is copied for the convolution that alone reads it.</summary>
    private void Scale(GraphNode node)
    {
        if (node is { Operation: ScaleOp, Output: var scaled } && !_layout.Contains(scaled) && scaled.OnlyConsumer is { } reader
            && IsConvolution(reader) && reader.Stage == node.Stage) _elsewhere.Add(node);
    }

    /// <summary>Several projections of the same tokens as one product.</summary>
    private void Join(GraphNode[] projections)
    {
        var tokens = projections[0].Inputs[0];
        Tensor[] weights = [.. projections.Select(p => p.Inputs[1].Constant!)];
        var packed = _weights.Linear(weights);
        var joined = new Value(tokens.Shape.With(-1, Spaced(packed.N)), projections[0].Stage);
        var start = 0;
        foreach (var projection in projections)
        {
            _columns.Add(projection.Output, new TokenColumns(joined, start));
            start += projection.Output.Shape[-1];
        }

        var bias = _weights.Bias(weights, [.. projections.Select(Bias)]);
        _steps.Add(new LinearStep(Name(projections), tokens, packed, bias, EpilogueActivation.None, null, null, joined));
    }

    /// <summary>Numbers from one row to the next: rows a power of two apart would push each other out of the cache.</summary>
    private static int Spaced(int width) => width % RowsThatCollide == 0 ? width + RowGap : width;

    private void Project(LinearChain chain)
    {
        var weight = chain.Linear.Inputs[1].Constant!;
        var norm = chain.Norm is not { } node ? null : new FusedNorm(
            Constant(node, 1), Constant(node, 2), ((LayerNormOp)node.Operation).Epsilon, node.Output);
        _steps.Add(new LinearStep(Name(chain.Linear), chain.Linear.Inputs[0], _weights.Linear(weight),
            _weights.Bias([weight], [Bias(chain.Linear)]),
            chain.Activation, chain.Residual, norm, chain.KeepsSum ? chain.Tail.Output : null));
    }

    private void Attend(AttendingOperation operation, GraphNode node)
    {
        var (query, key, value) = (Columns(node.Inputs[0]), Columns(node.Inputs[1]), Columns(node.Inputs[2]));
        if (_attentions.TryGetValue(node, out var plan) && plan.AbsorbedKeys is { } keys) Absorb(plan, keys, query, value);
        else _steps.Add(new AttentionStep(operation, node, query, key, value));
    }

    private void Absorb(AttentionPlan plan, GraphNode keys, TokenColumns query, TokenColumns value)
    {
        var absorbed = _weights.Keys(keys.Inputs[1].Constant!, plan.Heads);
        var length = AbsorbedCall.PanelsLength(plan.Shape.Batch, plan.Shape.Queries, plan.Heads, absorbed.KeyWidth);
        var panels = new Value([length], query.Value.Stage);
        _steps.Add(new ProjectQueriesStep(Name(keys), query, absorbed, plan.Scale, panels));
        var (keyTokens, packedKeys) = Packed(keys.Inputs[0]);
        var inputs = new AbsorbedInputs(panels, plan.Mask, absorbed.KeyWidth) { KeyTokens = keyTokens, PackedKeys = packedKeys };
        if (plan.AbsorbedValues is { } values)
        {
            inputs = inputs with { Values = _weights.Values(values.Inputs[1].Constant!, Bias(values), plan.Heads) };
            if (values.Inputs[0] != keys.Inputs[0])
            {
                var (valueTokens, packedValues) = Packed(values.Inputs[0]);
                inputs = inputs with { ValueTokens = valueTokens, PackedValues = packedValues };
            }
        }
        else
        {
            inputs = inputs with { Projected = value };
        }

        _steps.Add(new AbsorbedAttentionStep(plan.Layer, plan.Shape with { HeadDim = plan.Shape.ValueDim }, inputs, plan.Node.Output));
    }

    /// <summary>Tokens in strips, copied once for all layers that attend to them, or, when the copy would be large, the tokens
    /// themselves.</summary>
    private (Value? Tokens, Value? Packed) Packed(Value tokens)
    {
        var (batch, count, width) = (tokens.Shape[0], tokens.Shape[1], tokens.Shape[2]);
        var length = AbsorbedAttention.PackedLength(batch, count, width);
        if (length * sizeof(float) > LargestPackedBytes) return (tokens, null);
        if (_packed.TryGetValue(tokens, out var known)) return (null, known);
        var packed = new Value([(int)length], tokens.Stage);
        _packed.Add(tokens, packed);
        _steps.Add(new PackTokensStep(tokens, packed));
        return (null, packed);
    }

    private TokenColumns Columns(Value value) => _columns.TryGetValue(value, out var columns) ? columns : value;

    private Tensor? Constant(GraphNode node, int input) =>
        node.Inputs.Length > input ? _weights.Constant(node.Inputs[input].Constant!) : null;

    private static Tensor? Bias(GraphNode linear) => linear.Inputs.Length > 2 ? linear.Inputs[2].Constant : null;

    /// <summary>The layers of nodes that are computed as one: the first in full, the last part of the others.</summary>
    private string Name(GraphNode[] nodes) =>
        string.Join(" + ", nodes.Select((node, i) => i == 0 ? Name(node) : Name(node)[(Name(node).LastIndexOf('.') + 1)..]));

    /// <summary>The layer a node's parameters belong to.</summary>
    private string Name(GraphNode node)
    {
        foreach (var input in node.Inputs)
            if (input.Constant is { } constant && _names.TryGetValue(constant, out var name))
                return name.Contains('.', StringComparison.Ordinal) ? name[..name.LastIndexOf('.')] : name;
        return "";
    }
}
