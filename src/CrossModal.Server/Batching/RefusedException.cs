using CrossModal.Client.Wire;

namespace CrossModal.Server.Batching;

/// <summary>Why a request has no answer.</summary>
internal enum Refusal
{
    /// <summary>The request is wrong: the client's fault.</summary>
    Invalid,

    /// <summary>The request did not come in time.</summary>
    Slow,

    /// <summary>There is no such policy.</summary>
    Unknown,

    /// <summary>Too many requests are waiting.</summary>
    Busy,

    /// <summary>It waited too long.</summary>
    Late,

    /// <summary>The policy's answer must not be carried out.</summary>
    Unsafe,

    /// <summary>The server is stopping, or not ready yet.</summary>
    Unavailable,
}

/// <summary>A request gets an error instead of an action.</summary>
/// <param name="refusal">Why.</param>
/// <param name="message">What is wrong, in the client's terms.</param>
internal sealed class RefusedException(Refusal refusal, string message) : Exception(WireFormatException.OneLine(message))
{
    /// <summary>Why.</summary>
    public Refusal Refusal { get; } = refusal;
}
