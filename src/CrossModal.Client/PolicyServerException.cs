namespace CrossModal.Client;

/// <summary>A policy server refused a request or the connection, and said why.</summary>
public sealed class PolicyServerException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="message">What the server answered.</param>
    public PolicyServerException(string message)
        : base(message)
    {
    }
}
