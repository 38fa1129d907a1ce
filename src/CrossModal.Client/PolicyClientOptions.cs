namespace CrossModal.Client;

/// <summary>How a client behaves.</summary>
public sealed record PolicyClientOptions
{
    /// <summary>How long <see cref="PolicyClient.ActAsync"/> waits for an action before it answers that the robot is to hold still; 100
    /// ms.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After how long without a reply the connection is given up and made anew; 5 s.</summary>
    public TimeSpan GiveUp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause between two attempts to connect; the first follows after 50 ms, each further one after twice the pause
    /// before; 2 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The key of a server that asks for one; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The largest reply that is accepted, bytes; 16 MiB.</summary>
    public int LargestReply { get; init; } = 16 << 20;
}
