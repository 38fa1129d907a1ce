namespace CrossModal.Benchmarks;

/// <summary>The command line asks for something that cannot be.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="inner">What found out, or null.</param>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
