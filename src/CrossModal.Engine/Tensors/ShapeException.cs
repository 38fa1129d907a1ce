namespace CrossModal.Engine.Tensors;

/// <summary>An operation was given shapes, or values, it cannot work on; the message names the operation and the shapes.</summary>
/// <param name="operation">The operation, layer or argument that refused.</param>
/// <param name="reason">What is wrong, with the shapes as they came.</param>
public sealed class ShapeException(string operation, string reason) : ArgumentException($"{operation}: {reason}")
{
    /// <summary>What is wrong, without the name of the operation: for whoever chose the sizes and knows no operation.</summary>
    public string Reason => reason;
}
