using System.Text;
using CrossModal.Attention;
using CrossModal.Data;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Onnx;

/// <summary>A trained policy: pictures, word numbers, their mask and the robot's state in its own units in; action and points in their
/// units, the logit of closing the gripper and maps out.</summary>
/// <param name="trained">The policy.</param>
/// <param name="options">How it is exported.</param>
internal sealed class PolicySource(TrainedPolicy trained, OnnxOptions options) : IExportSource
{
    private const string Batch = "batch";
    private const string Words = "words";
    private const string Action = "action";
    private const string Gripper = "gripper";
    private const string Points = "points";

    private readonly PolicyOptions _policy = trained.Policy.Options is { TextWidth: 0, VisionWidth: 0 } plain ? plain
        : throw new OnnxExportException("a policy with pretrained encoders is not exported: their states come from models of their own");

    /// <inheritdoc/>
    public string Name => $"policy_{_policy.Strategy.Replace('-', '_')}";

    /// <inheritdoc/>
    public Module Module => trained.Policy;

    /// <inheritdoc/>
    public IReadOnlyList<SizeSymbol> Symbols { get; } =
    [
        options.Batch is { } batch ? new SizeSymbol(Batch, batch) : new SizeSymbol(Batch, 3, 4, 7),
        new SizeSymbol(Words, trained.Policy.Options.MaxWords, Fewer(trained.Policy.Options.MaxWords)),
    ];

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Metadata => PolicyMetadata.Of(trained, Pictures);

    /// <summary>Names of the picture inputs, camera by camera.</summary>
    private IReadOnlyList<string> Pictures => trained.Signature.Cameras.Count == 1 ? ["picture"]
        : [.. trained.Signature.Cameras.Select(camera => $"picture_{Plain(camera)}")];

    /// <inheritdoc/>
    public Recorded Record(IReadOnlyDictionary<string, int> sizes)
    {
        var (batch, words) = (Size(Batch), Size(Words));
        var trace = options.Maps ? new AttentionTrace() : null;
        using var pass = Pass.Planning(trace: trace);
        var (side, views) = (_policy.ImageSize, _policy.Fusion.Views);
        var images = Tensor.Zeros(views == 1 ? [batch, 3, side, side] : [batch, views, 3, side, side]);
        var (ids, scores) = (Tensor.Zeros([batch, words]), Tensor.Zeros([batch, 1, 1, words]));
        var states = _policy.Proprioception > 0 ? Tensor.Zeros([batch, _policy.Proprioception]) : null;
        var output = trained.Policy.Forward(new PolicyInput(images, ids, Mask.OfScores(scores), states), pass);
        List<RecordedOutput> results = [new(Action, output.Action)];
        if (output.Close is { } close) results.Add(new(Gripper, close));
        if (output.Points is { } points) results.Add(new(Points, points));
        if (trace is not null) results.AddRange(new RecordedMaps(pass).Read(trace, [.. trained.Signature.Cameras.Select(Plain)]));
        return new Recorded(sizes, [.. pass.Record], states is null ? [images, ids, scores] : [images, ids, scores, states], results);

        int Size(string name) => sizes.TryGetValue(name, out var size) ? size : Symbols.First(symbol => symbol.Name == name).Base;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> AddInputs(GraphBuilder graph, Func<string, Dim> size)
    {
        var (batch, words, side) = (size(Batch), size(Words), _policy.ImageSize);
        var pictures = Pictures.Select(name => graph.Input(new OnnxValue(name, ElementKind.Float, [batch, 3, side, side]))).ToArray();
        var ids = graph.Input(new OnnxValue(Words, ElementKind.Int64, [batch, words]));
        var scores = MaskInputs.Add(graph, "mask", batch, words);
        var images = pictures.Length == 1 ? pictures[0]
            : graph.Add("Concat", [("axis", 1L)], [.. pictures.Select(picture => graph.Add("Unsqueeze", picture, graph.Wholes(1)))]);
        if (trained.States is not { } states || _policy.Proprioception == 0) return [images, ids, scores];
        var given = graph.Input(new OnnxValue("proprioception", ElementKind.Float, [batch, _policy.Proprioception]));
        var centred = graph.Add("Sub", given, graph.Numbers(states.Mean));
        return [images, ids, scores, graph.Add("Div", centred, graph.Numbers(states.Deviation))];
    }

    /// <inheritdoc/>
    public (ElementKind Kind, string Value) Finish(GraphBuilder graph, string name, string value) => (ElementKind.Float, name switch
    {
        Action => InUnits(graph, value, trained.Actions),
        Points => InUnits(graph, value, Repeated(trained.States!, _policy.Head.Points)),
        _ => value,
    });

    /// <summary>Some smaller numbers of words; none of 1.</summary>
    private static int[] Fewer(int most) => [.. ((int[])[most - 1, most - 2, most - 5]).Where(count => count > 0)];

    private static string InUnits(GraphBuilder graph, string value, Normalization normalization) =>
        graph.Add("Add", graph.Add("Mul", value, graph.Numbers(normalization.Deviation)), graph.Numbers(normalization.Mean));

    /// <summary>Points lie in the frame of the tool's place, which is the first three states.</summary>
    private static Normalization Repeated(Normalization states, int points)
    {
        return new Normalization(Times(states.Mean), Times(states.Deviation));

        float[] Times(float[] place) => [.. Enumerable.Range(0, points).SelectMany(_ => place[..3])];
    }

    private static string Plain(string camera)
    {
        var plain = new StringBuilder(camera.Length);
        foreach (var c in camera) plain.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        return plain.ToString();
    }
}
