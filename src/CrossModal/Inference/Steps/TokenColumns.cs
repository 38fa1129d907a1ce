namespace CrossModal.Inference;

/// <summary>Tokens that are some columns of a wider value: joined projections lie side by side.</summary>
/// <param name="Value">The value <c>[B, N, Row]</c>.</param>
/// <param name="Start">First column.</param>
internal readonly record struct TokenColumns(Value Value, int Start)
{
    /// <summary>All columns of a value.</summary>
    public static implicit operator TokenColumns(Value value) => new(value, 0);

    /// <summary>Numbers from one token to the next.</summary>
    public int Row => Value.Shape[-1];

    /// <summary>From the first token's first column on.</summary>
    public ReadOnlySpan<float> Span => Value.Span[Start..];
}
