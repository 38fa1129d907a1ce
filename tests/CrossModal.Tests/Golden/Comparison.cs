using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Golden;

/// <summary>Holds what was computed against what is stored, |mine − stored| ≤ atol + rtol·|stored|, and notices what was never
/// compared.</summary>
internal sealed class Comparison(GoldenCase golden)
{
    private static readonly string[] Compared = ["out/", "attn/", "attn_grad/", "grad/", "grad_in/", "final64/", "state64/"];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _seen = [];

    /// <summary>How what is compared now was computed, for what is wrong; empty for the eager pass.</summary>
    public string Way { get; set; } = "";

    /// <summary>Everything that is wrong; empty when the case passes.</summary>
    public IReadOnlyList<string> Problems()
    {
        var missed = golden.Names.Where(IsResult).Where(n => !_seen.Contains(n) && Conventions.Reason(golden.Name, n) is null);
        return
        [
            .. _problems,
            .. missed.Select(n => $"{n}: was never compared"),
            .. golden.Unread.Select(u => $"the configuration says {u}, which the runner of {golden.Group} does not read"),
        ];
    }

    /// <summary>Whether the reference computed the tensor; float64 results count where no float32 result is stored.</summary>
    private bool IsResult(string name) => name == "loss" || Compared.Any(p => name.StartsWith(p, StringComparison.Ordinal))
        || (name.StartsWith("out64/", StringComparison.Ordinal) && !golden.Has("out/" + name["out64/".Length..]));

    public void Output(string name, Tensor mine) => Tensor($"out/{name}", mine, "outputs");

    public void Attention(string name, Tensor mine) => Tensor($"attn/{name}", mine, "attention");

    public void Loss(Tensor mine) => Tensor("loss", mine, "loss");

    /// <summary>Compares a whole tensor, its shape included.</summary>
    public void Tensor(string name, Tensor mine, string kind)
    {
        if (!golden.Has(name))
        {
            _problems.Add($"{Way}{name}: is not stored");
            return;
        }

        var stored = golden.Tensor(Conventions.Stored(golden, name));
        if (stored.Shape != mine.Shape) _problems.Add($"{Way}{name}: stored {stored.Shape}, computed {mine.Shape}");
        else Values(name, mine.Span, stored.Span, Conventions.Tolerance(golden, kind));
        _seen.Add(name);
    }

    /// <summary>Compares a part of a stored tensor (in_proj_weight holds three of our parameters); element counts must agree, shapes need
    /// not.</summary>
    public void Part(string name, ReadOnlySpan<float> mine, int start, string kind)
    {
        var stored = golden.Tensor(Conventions.Stored(golden, name));
        if (start + mine.Length > stored.Shape.Length)
            _problems.Add($"{Way}{name}: stored {stored.Shape}, computed {mine.Length} elements from {start} on");
        else Values(name, mine, stored.Span.Slice(start, mine.Length), Conventions.Tolerance(golden, kind));
        _seen.Add(name);
    }

    /// <summary>Compares numbers under a given tolerance.</summary>
    public void Values(string name, ReadOnlySpan<float> mine, ReadOnlySpan<float> stored, (double Relative, double Absolute) tolerance)
    {
        _seen.Add(name);
        var (worst, at, failures) = (0.0, -1, 0);
        for (var i = 0; i < mine.Length; i++)
        {
            if (mine[i].Equals(stored[i])) continue;
            var error = Math.Abs((double)mine[i] - stored[i]);
            var allowed = tolerance.Absolute + tolerance.Relative * Math.Abs(stored[i]);
            if (error <= allowed) continue;
            failures++;
            if (at >= 0 && !(error - allowed > worst)) continue;
            (worst, at) = (error - allowed, i);
        }

        if (failures > 0)
            _problems.Add($"{Way}{name}: {failures} of {mine.Length} elements differ, worst at {at}: computed {mine[at]:R}, stored {stored[at]:R}, " +
                $"allowed {tolerance.Absolute:G3} + {tolerance.Relative:G3}·|stored|");
    }

    /// <summary>Demands equal numbers.</summary>
    public void Exactly(string name, ReadOnlySpan<float> mine)
    {
        var stored = golden.Tensor(name);
        That(mine.Length == stored.Shape.Length, $"{name}: stored {stored.Shape}, computed {mine.Length} elements");
        if (mine.Length == stored.Shape.Length) Values(name, mine, stored.Span, (0, 0));
    }

    /// <summary>Notes that a tensor was compared in another way.</summary>
    public void MarkCompared(string name) => _seen.Add(name);

    /// <summary>Demands that the configuration, where it states a number, states this one.</summary>
    public void States(string key, double number) => Agrees(key, golden.OptionalNumber(key), number);

    /// <summary>Demands that the configuration, where it states a choice, states this one.</summary>
    public void States(string key, bool choice) => Agrees(key, golden.Flag(key, choice), choice);

    /// <summary>Demands that the configuration, where it states a text, begins with this one.</summary>
    public void States(string key, string text) =>
        Agrees(key, golden.OptionalText(key) is { } stated && !stated.StartsWith(text, StringComparison.Ordinal) ? stated : text, text);

    private void Agrees(string key, object? stated, object computed) =>
        That(stated is null || stated.Equals(computed),
            FormattableString.Invariant($"the configuration says '{key}': {stated}, computed with {computed}"));

    /// <summary>Demands something of the case as a whole.</summary>
    public void That(bool holds, string problem)
    {
        if (!holds) _problems.Add(Way + problem);
    }
}
