namespace CrossModal.Client.Wire;

/// <summary>A message does not have the form that its protocol asks for.</summary>
/// <param name="message">What is wrong, and where in the message.</param>
internal sealed class WireFormatException(string message) : Exception(OneLine(message))
{
    private const int Longest = 400;

    /// <summary>Text that may quote a message, without control characters and not too long.</summary>
    public static string OneLine(string text)
    {
        var line = string.Concat(text.Take(Longest).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length > Longest ? line + "…" : line;
    }
}
