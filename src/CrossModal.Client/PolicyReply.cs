using CrossModal.Client.Wire;

namespace CrossModal.Client;

/// <summary>What a policy server answered to one observation, or that no answer came in time.</summary>
public sealed class PolicyReply
{
    private PolicyReply(NumpyArray? actions, IReadOnlyDictionary<string, object?>? timing, string? reason, bool stop)
    {
        (Horizon, Actions) = (actions?.Shape[0] ?? 0, actions?.ToSingles() ?? []);
        (Reason, Stop) = (reason, stop);
        Queue = Milliseconds(timing, "queue_ms");
        Inference = Milliseconds(timing, "infer_ms");
    }

    /// <summary>Whether no action came in time: the robot is to hold still, and the loop to go on with the next observation.</summary>
    public bool HoldStill => Reason is not null;

    /// <summary>Why there is no action; null when there is one.</summary>
    public string? Reason { get; }

    /// <summary>Steps of the actions.</summary>
    public int Horizon { get; }

    /// <summary>All actions <c>[Horizon, A]</c>, one row after the other.</summary>
    public ReadOnlyMemory<float> Actions { get; }

    /// <summary>The first action <c>[A]</c>, in the units of the policy's training; empty when the robot is to hold still.</summary>
    public ReadOnlySpan<float> Action => HoldStill ? default : Actions.Span[..(Actions.Length / Horizon)];

    /// <summary>Whether the server's monitor asks to stop the episode.</summary>
    public bool Stop { get; }

    /// <summary>How long the request waited in the server; null when it does not say.</summary>
    public TimeSpan? Queue { get; }

    /// <summary>How long the policy computed; null when the server does not say.</summary>
    public TimeSpan? Inference { get; }

    /// <summary>The answer that no action came.</summary>
    internal static PolicyReply Hold(string reason) => new(null, null, reason, false);

    /// <summary>The answer in a server's message.</summary>
    /// <exception cref="PolicyServerException">It has no actions.</exception>
    internal static PolicyReply Of(IReadOnlyDictionary<string, object?> message)
    {
        if (message.GetValueOrDefault("actions") is not NumpyArray { Count: > 0 } actions || actions.Shape.Count is not (1 or 2))
            throw new PolicyServerException("the server's reply has no 'actions' [H, A]");
        if (actions.Shape.Count == 1) actions = new NumpyArray(actions.Type, [1, actions.Shape[0]], actions.Data);
        var monitor = message.GetValueOrDefault("monitor") as IReadOnlyDictionary<string, object?>;
        return new PolicyReply(actions, message.GetValueOrDefault("server_timing") as IReadOnlyDictionary<string, object?>, null,
            monitor?.GetValueOrDefault("stop") is true);
    }

    private static TimeSpan? Milliseconds(IReadOnlyDictionary<string, object?>? timing, string key) => timing?.GetValueOrDefault(key) switch
    {
        double number when double.IsFinite(number) && Math.Abs(number) < 1e9 => TimeSpan.FromMilliseconds(number),
        long number when Math.Abs(number) < 1_000_000_000 => TimeSpan.FromMilliseconds(number),
        _ => null,
    };
}
