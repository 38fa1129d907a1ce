namespace CrossModal.Server;

/// <summary>The bounds of a server.</summary>
public sealed record ServerLimits
{
    /// <summary>The largest message or body, bytes; 16 MiB.</summary>
    public int LargestMessage { get; init; } = 16 << 20;

    /// <summary>How long a message may take from its first byte to its last; 10 s.</summary>
    public TimeSpan LongestMessage { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Open connections; 256.</summary>
    public int Connections { get; init; } = 256;

    /// <summary>Requests of one client in a second; 200.</summary>
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Requests that wait for a step, of all clients; 256.</summary>
    public int Waiting { get; init; } = 256;

    /// <summary>How long a request waits before it gets an error instead of an action that is out of date; 1 s.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Observations in one step; 16.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>By which share of its width the range of each number of an action is widened; an action outside is refused; 0.1.</summary>
    public double ActionMargin { get; init; } = 0.1;

    /// <summary>Bytes of the past frames that are kept of all episodes; 256 MiB.</summary>
    internal long PastBytes { get; init; } = 256 << 20;

    /// <summary>After how much silence a connection is asked whether it is still there; 10 s.</summary>
    internal TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take to say so before it counts as gone; 20 s.</summary>
    internal TimeSpan PingAnswer { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Refuses bounds that make no sense.</summary>
    /// <exception cref="ArgumentException">One is not positive, or the margin is negative.</exception>
    internal void Check()
    {
        foreach (var (name, value) in new (string, double)[]
        {
            (nameof(LargestMessage), LargestMessage), (nameof(LongestMessage), LongestMessage.TotalSeconds),
                (nameof(Connections), Connections),
            (nameof(RequestsPerSecond), RequestsPerSecond), (nameof(Waiting), Waiting), (nameof(LongestWait), LongestWait.TotalSeconds),
            (nameof(Batch), Batch), (nameof(PastBytes), PastBytes),
        })
            if (!(value > 0)) throw new ArgumentException($"ServerLimits: {name} is {value}, it must be positive");
        if (!(ActionMargin >= 0)) throw new ArgumentException($"ServerLimits: ActionMargin is {ActionMargin}, it must not be negative");
    }
}
