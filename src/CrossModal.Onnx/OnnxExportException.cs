namespace CrossModal.Onnx;

/// <summary>A model cannot be exported as it is asked for; the message names what cannot be expressed, and where it stands.</summary>
public sealed class OnnxExportException : ArgumentException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What cannot be expressed, where, and why.</param>
    public OnnxExportException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What cannot be expressed, where, and why.</param>
    /// <param name="inner">What caused it.</param>
    public OnnxExportException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
