using System.Threading.RateLimiting;

namespace CrossModal.Server.Wires;

/// <summary>Bounds of one client's connection.</summary>
internal sealed record SocketLimits
{
    /// <summary>The largest message, bytes after decompression.</summary>
    public int LargestMessage { get; init; } = 16 << 20;

    /// <summary>How long a message may take from its first byte to its last, in either direction.</summary>
    public TimeSpan LongestMessage { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages in a second at most, over the mean of a second.</summary>
    public int MessagesPerSecond { get; init; } = 200;

    /// <summary>After how much silence a connection is asked whether it is still there.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take to say so before it counts as gone.</summary>
    public TimeSpan PingAnswer { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether compressed messages are accepted.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>The same number of messages as a limit, up to a second's worth at once.</summary>
    /// <param name="waiting">Messages that may wait for their turn; more are refused.</param>
    public TokenBucketRateLimiterOptions Rate(int waiting)
    {
        var tokens = Math.Max(1, MessagesPerSecond / 10);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = MessagesPerSecond,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / MessagesPerSecond),
            QueueLimit = waiting,
        };
    }
}
