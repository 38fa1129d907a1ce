namespace CrossModal.Server.Batching;

/// <summary>How requests of several clients become steps, and how many may wait.</summary>
internal sealed record BatchOptions
{
    /// <summary>Requests that wait at most, of all clients.</summary>
    public int MostWaiting { get; init; } = 256;

    /// <summary>Requests of one client that wait at most.</summary>
    public int MostWaitingOfClient { get; init; } = 16;

    /// <summary>How long a request waits at most; after that it gets an error instead of an action that is out of date.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(1);
}
