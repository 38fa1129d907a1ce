namespace CrossModal.Layers;

/// <summary>Weights are so large that numbers computed with them overflow single precision.</summary>
public sealed class WeightOverflowException : ArithmeticException
{
    /// <summary>Names whose weights they are, what overflowed, and the largest weight.</summary>
    /// <param name="source">Where the weights come from: a file, a folder, or what holds them.</param>
    /// <param name="what">What is no longer finite, with its value.</param>
    /// <param name="module">What holds the weights.</param>
    public WeightOverflowException(string source, string what, Module module)
        : base($"{source}: the weights make numbers overflow: {what}; {Largest(module)}")
    {
    }

    private static string Largest(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var (name, magnitude) = module.LargestWeight();
        return FormattableString.Invariant($"the largest weight is {magnitude:g3}, in '{name}'");
    }
}
