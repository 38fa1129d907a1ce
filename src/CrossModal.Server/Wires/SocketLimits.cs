namespace CrossModal.Server.Wires;

/// <summary>Bounds of one WebSocket connection.</summary>
internal sealed record SocketLimits
{
    /// <summary>The largest message, bytes after decompression.</summary>
    public int LargestMessage { get; init; } = 16 << 20;

    /// <summary>How long a message may take from its first byte to its last, in either direction.</summary>
    public TimeSpan LongestMessage { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages in a second at most, over the mean of a second.</summary>
    public int MessagesPerSecond { get; init; } = 200;

    /// <summary>Whether compressed messages are accepted.</summary>
    public bool Compression { get; init; } = true;
}
