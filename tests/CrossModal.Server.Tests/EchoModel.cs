using System.Collections.Concurrent;
using CrossModal.Data;
using CrossModal.Explain.Monitor;
using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Tests;

/// <summary>A stand-in for a policy whose action is the state it was sent, so that a reply names its request.</summary>
internal sealed class EchoModel : IStepModel
{
    private readonly ConcurrentBag<ObservationEncoder> _encoders = [];
    private int _begun;

    /// <summary>Whether its episodes are monitored: a second number of 9 makes the score high, one of 0 low.</summary>
    public bool Monitored { get; init; }

    /// <summary>After how many steps its monitor needs the counterfactual effect; 0 for never.</summary>
    public int EffectEvery { get; init; }

    /// <summary>Whether the monitor of each step so far needed the counterfactual effect.</summary>
    public ConcurrentQueue<bool> Effects { get; } = new();

    /// <summary>What a step waits for; open unless a test closes it.</summary>
    public ManualResetEventSlim Gate { get; } = new(true);

    /// <summary>Steps that were begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>The sizes of the steps so far.</summary>
    public ConcurrentQueue<int> Sizes { get; } = new();

    /// <summary>The clients in the order they were served.</summary>
    public ConcurrentQueue<string> Served { get; } = new();

    /// <summary>Added to every action, to tell one model from another.</summary>
    public float Offset { get; init; }

    /// <summary>How long a step takes.</summary>
    public TimeSpan Takes { get; init; }

    /// <inheritdoc/>
    public PolicySignature Signature { get; init; } = new(
        [new Quantity("nonce", "1"), new Quantity("second", "m") { Least = -1000, Most = 1000 }],
        [new Quantity("nonce", "1"), new Quantity("second", "m")], ["camera"]);

    /// <inheritdoc/>
    public TrainedPolicy? Trained => null;

    /// <inheritdoc/>
    public string Source => "echo";

    /// <inheritdoc/>
    public int MostInStep { get; init; } = 16;

    /// <inheritdoc/>
    public string Example => "go";

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(string instruction) => string.IsNullOrWhiteSpace(instruction)
        ? throw new ArgumentException("the instruction has no word") : instruction.Contains("zebra", StringComparison.Ordinal) ? ["zebra"]
            : [];

    /// <inheritdoc/>
    public EncodedObservation Encode(Observation observation)
    {
        if (!_encoders.TryTake(out var encoder))
            encoder = new ObservationEncoder(Signature, 8, Normalization.Identity(Signature.States.Count));
        var (pictures, state) = (new float[encoder.PictureLength], new float[Signature.States.Count]);
        encoder.Encode(observation, pictures, state);
        _encoders.Add(encoder);
        return new EncodedObservation(pictures, state, TimeSpan.FromMilliseconds(1));
    }

    /// <inheritdoc/>
    public GroundingMonitor? NewMonitor() => Monitored ? new GroundingMonitor(SizeOfAction()) : null;

    /// <inheritdoc/>
    public PastMemory? NewPast() => null;

    /// <inheritdoc/>
    public void Step(IReadOnlyList<StepRequest> requests, StepOutput?[] outputs)
    {
        Interlocked.Increment(ref _begun);
        Gate.Wait();
        if (Takes > TimeSpan.Zero) Thread.Sleep(Takes);
        Sizes.Enqueue(requests.Count);
        foreach (var request in requests)
        {
            Served.Enqueue(request.Client);
            Effects.Enqueue(request.NeedsEffect);
        }

        if (requests.Any(r => r.Instruction.Contains("fault", StringComparison.Ordinal)))
            throw new InvalidOperationException("the policy failed");
        foreach (var (i, request) in requests.Index())
            outputs[i] = new StepOutput([request.Observation.State[0] + Offset, request.Observation.State[1]],
                Monitored ? [1, request.Observation.State[1], .. new float[Layout.EffectLength]] : null);
    }

    private MonitorLayout Layout => new(1, 1, false, 0, 0, 0, EffectEvery);

    /// <summary>A monitor whose logit is 1.8 times the size of the action, at most 9, less 5.</summary>
    private MonitorFile SizeOfAction()
    {
        var (layout, inputs) = (Layout, MonitorWindow.InputsOf(Layout));
        var (scale, weight) = (new float[inputs], new float[inputs]);
        (scale[2], weight[2]) = (1, 1.8f);
        return new MonitorFile(layout, new MonitorNetwork(new float[inputs], scale, [weight], [[-5]]), 0.5f, 0.05, 100);
    }
}

/// <summary>Steps of a model without a server.</summary>
internal static class ModelSteps
{
    public static StepOutput[] Step(this IStepModel model, params IReadOnlyList<StepRequest> requests)
    {
        var outputs = new StepOutput?[requests.Count];
        model.Step(requests, outputs);
        return [.. outputs.Select(output => output!)];
    }
}
