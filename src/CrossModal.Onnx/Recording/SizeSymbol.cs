namespace CrossModal.Onnx;

/// <summary>A size of an input that a model may leave open, and the sizes it is recorded at.</summary>
/// <param name="Name">Its name in the model: <c>batch</c>, <c>words</c>.</param>
/// <param name="Base">The size at which the model is exported.</param>
/// <param name="Others">Other sizes: from the first follows what depends on the size, the further ones prove it.</param>
internal sealed record SizeSymbol(string Name, int Base, params IReadOnlyList<int> Others);

/// <summary>The record does not follow a size in a way that a model can state: the size is fixed.</summary>
/// <param name="symbol">Name of the size.</param>
/// <param name="reason">What depends on it.</param>
internal sealed class SizeDependenceException(string symbol, string reason) : Exception(reason)
{
    /// <summary>Name of the size.</summary>
    public string Symbol { get; } = symbol;
}
