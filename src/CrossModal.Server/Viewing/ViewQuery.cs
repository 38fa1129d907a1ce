using System.Globalization;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>What a page asks for, by name.</summary>
/// <param name="values">Names and values.</param>
internal sealed class ViewQuery(IReadOnlyDictionary<string, string> values)
{
    private const int LongestValue = 1000;

    /// <summary>A question.</summary>
    /// <param name="parts">Names and values; those without a value are left out.</param>
    public static ViewQuery Of(params IEnumerable<(string Name, string? Value)> parts) =>
        new(parts.Where(p => !string.IsNullOrEmpty(p.Value)).ToDictionary(p => p.Name, p => p.Value!));

    /// <summary>The map that is asked for: by the policy's own method where none is named.</summary>
    /// <exception cref="RefusedException">The head is no number.</exception>
    public MapChoice Map(ViewedPolicy policy) => new(Optional("method") ?? policy.Method, Optional("layer"), OptionalWhole("head"));

    /// <summary>A text that must be there.</summary>
    /// <exception cref="RefusedException">It is not.</exception>
    public string Text(string name) => Optional(name) ?? throw new RefusedException(Refusal.Invalid, $"'{name}' is missing");

    /// <summary>A text; null when it is not there.</summary>
    /// <exception cref="RefusedException">It is very long.</exception>
    public string? Optional(string name)
    {
        if (!values.TryGetValue(name, out var value) || value.Length == 0) return null;
        return value.Length <= LongestValue ? value
            : throw new RefusedException(Refusal.Invalid, $"'{name}' has {value.Length} characters, at most {LongestValue} are taken");
    }

    /// <summary>A whole number from 0 that must be there.</summary>
    /// <exception cref="RefusedException">It is not, or is no such number.</exception>
    public int Whole(string name) => int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw new RefusedException(Refusal.Invalid, $"'{name}' is '{Text(name)}', a whole number from 0 is needed");

    /// <summary>A whole number from 0; null when it is not there.</summary>
    /// <exception cref="RefusedException">It is no such number.</exception>
    public int? OptionalWhole(string name) => Optional(name) is null ? null : Whole(name);
}
