using System.Text;
using CrossModal.Attention;
using CrossModal.Data;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Onnx;

/// <summary>A trained policy: pictures, word numbers, their mask and the robot's state in its own units in; action and points in their
/// units, the logit of closing the gripper and maps out; of a policy with past frames, also the earlier pictures and which of them there
/// are in.</summary>
/// <remarks>A pretrained encoder stays outside: in place of word numbers come the states of the text encoder, in place of pictures the
/// features of the vision encoder.</remarks>
/// <param name="trained">The policy.</param>
/// <param name="options">How it is exported.</param>
internal sealed class PolicySource(TrainedPolicy trained, OnnxOptions options) : IExportSource
{
    private const string Batch = "batch";
    private const string Words = "words";
    private const string Action = "action";
    private const string Gripper = "gripper";
    private const string Points = "points";

    private readonly PolicyOptions _policy = trained.Policy.Options;

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
    public IEnumerable<KeyValuePair<string, string>> Metadata => PolicyMetadata.Of(trained, Pictures, PastPictures);

    /// <summary>Names of the inputs of pictures or their features, camera by camera.</summary>
    private IReadOnlyList<string> Pictures => trained.Signature.Cameras.Count == 1 ? [Picture]
        : [.. trained.Signature.Cameras.Select(camera => $"{Picture}_{Plain(camera)}")];

    /// <summary>Names of the inputs of earlier pictures, camera by camera.</summary>
    private IReadOnlyList<string> PastPictures => [.. Pictures.Select(name => $"past_{name}")];

    /// <summary>K, how many earlier pictures of each camera the policy takes.</summary>
    private int Frames => _policy.Perception.PastFrames;

    private string Picture => _policy.VisionWidth > 0 ? "features" : "picture";

    /// <inheritdoc/>
    public Recorded Record(IReadOnlyDictionary<string, int> sizes)
    {
        var (batch, words) = (Size(Batch), Size(Words));
        var trace = options.Maps ? new AttentionTrace() : null;
        using var pass = Pass.Planning(trace: trace);
        var images = Tensor.Zeros(trained.Policy.ImageShape(batch));
        var ids = Tensor.Zeros(_policy.TextWidth > 0 ? [batch, words, _policy.TextWidth] : [batch, words]);
        var scores = Tensor.Zeros([batch, 1, 1, words]);
        var states = _policy.Proprioception > 0 ? Tensor.Zeros([batch, _policy.Proprioception]) : null;
        var past = Frames == 0 ? null : new PastFrames(Tensor.Zeros([batch, Frames, .. images.Shape.Skip(1)]),
            Mask.OfScores(Tensor.Zeros([batch, 1, 1, Frames])));
        var output = trained.Policy.Forward(new PolicyInput(images, ids, Mask.OfScores(scores), states) { Past = past }, pass);
        List<RecordedOutput> results = [new(Action, output.Action)];
        if (output.Close is { } close) results.Add(new(Gripper, close));
        if (output.Points is { } points) results.Add(new(Points, points));
        if (trace is not null) results.AddRange(new RecordedMaps(pass).Read(trace, [.. trained.Signature.Cameras.Select(Plain)]));
        Tensor?[] given = [images, ids, scores, states, past?.Pictures, past?.Mask!.Scores];
        return new Recorded(sizes, [.. pass.Record], [.. given.OfType<Tensor>()], results);

        int Size(string name) => sizes.TryGetValue(name, out var size) ? size : Symbols.First(symbol => symbol.Name == name).Base;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> AddInputs(GraphBuilder graph, Func<string, Dim> size)
    {
        var (batch, words, side) = (size(Batch), size(Words), _policy.ImageSize);
        Dim[] picture = _policy.VisionWidth > 0 ? [trained.Policy.Grid.Count, _policy.VisionWidth] : [3, side, side];
        var images = Together(graph, 1, Pictures, [batch, .. picture]);
        var ids = graph.Input(_policy.TextWidth > 0 ? new OnnxValue(Words, ElementKind.Float, [batch, words, _policy.TextWidth])
            : new OnnxValue(Words, ElementKind.Int64, [batch, words]));
        List<string> values = [images, ids, MaskInputs.Add(graph, "mask", batch, words)];
        if (trained.States is { } states && _policy.Proprioception > 0)
        {
            var own = graph.Input(new OnnxValue("proprioception", ElementKind.Float, [batch, _policy.Proprioception]));
            values.Add(graph.Add("Div", graph.Add("Sub", own, graph.Numbers(states.Mean)), graph.Numbers(states.Deviation)));
        }

        if (Frames == 0) return values;
        values.Add(Together(graph, 2, PastPictures, [batch, Frames, .. picture]));
        values.Add(MaskInputs.Add(graph, PolicyMetadata.PastMask, batch, Frames));
        return values;
    }

    /// <summary>Adds an input of pictures for each camera.</summary>
    /// <returns>The cameras' pictures beside each other on an axis of their own; those of the only camera as they are.</returns>
    private static string Together(GraphBuilder graph, int axis, IReadOnlyList<string> names, Dim[] shape)
    {
        var given = names.Select(name => graph.Input(new OnnxValue(name, ElementKind.Float, shape))).ToList();
        return given.Count == 1 ? given[0]
            : graph.Add("Concat", [("axis", (long)axis)], [.. given.Select(one => graph.Add("Unsqueeze", one, graph.Wholes(axis)))]);
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
