namespace CrossModal.Client.Wire;

/// <summary>A message does not have the form that its protocol asks for.</summary>
/// <param name="message">What is wrong, and where in the message.</param>
internal sealed class WireFormatException(string message) : Exception(message);
