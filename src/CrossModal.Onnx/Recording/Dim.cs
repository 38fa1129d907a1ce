using System.Globalization;

namespace CrossModal.Onnx;

/// <summary>A size that follows from sizes of the inputs: a constant and whole multiples of them.</summary>
internal sealed class Dim : IEquatable<Dim>
{
    private readonly string _text;

    /// <summary>A size.</summary>
    /// <param name="constant">The constant.</param>
    /// <param name="terms">Names of the sizes it depends on, and how often each counts.</param>
    public Dim(int constant, params IReadOnlyList<(string Symbol, int Factor)> terms)
    {
        (Constant, Terms) = (constant, [.. terms.Where(term => term.Factor != 0)]);
        var parts = Terms.Select(term => term.Factor == 1 ? term.Symbol
            : string.Create(CultureInfo.InvariantCulture, $"{term.Factor}*{term.Symbol}"));
        _text = string.Join(" + ", constant == 0 && !IsConstant ? parts : parts.Append(constant.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>What does not depend on the inputs.</summary>
    public int Constant { get; }

    /// <summary>Names of the sizes it depends on, and how often each counts.</summary>
    public IReadOnlyList<(string Symbol, int Factor)> Terms { get; }

    /// <summary>Whether it is the same for all inputs.</summary>
    public bool IsConstant => Terms.Count == 0;

    /// <inheritdoc/>
    public bool Equals(Dim? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Dim);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The size as text: <c>16</c>, <c>words</c>, <c>2*words + 16</c>.</summary>
    public override string ToString() => _text;

    /// <summary>A size that is the same for all inputs.</summary>
    public static implicit operator Dim(int constant) => new(constant);
}
