namespace CrossModal.Tabletop.Learning;

/// <summary>A trained policy computed something that is not a finite number: its weights are too large, or not finite themselves.</summary>
/// <param name="what">What is not finite, with its value.</param>
public sealed class NonFiniteOutputException(string what) : ArithmeticException($"the trained policy overflows: {what}");
