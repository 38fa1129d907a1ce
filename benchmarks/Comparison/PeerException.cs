namespace CrossModal.Benchmarks.Comparison;

/// <summary>A peer cannot do what it was asked for.</summary>
/// <param name="message">What happened.</param>
/// <param name="gone">Whether the peer is no longer there.</param>
internal sealed class PeerException(string message, bool gone = false) : Exception(message)
{
    /// <summary>Whether the peer is no longer there.</summary>
    public bool Gone { get; } = gone;
}
