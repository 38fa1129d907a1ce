using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>How the parameters of a file differ from those of a module: the first five of each kind by name, and how many more.</summary>
internal sealed class ParameterProblems
{
    private const int MostNamed = 5;
    private readonly List<Problem> _all = [];

    /// <summary>Whether there is any.</summary>
    public bool Any => _all.Count > 0;

    /// <summary>A parameter is not there.</summary>
    public void Missing(string key, Shape shape) => _all.Add(new("missing", key, $"missing '{key}' {shape}"));

    /// <summary>A parameter has another shape.</summary>
    public void Differs(string key, Shape found, Shape expected) =>
        _all.Add(new("of another shape", key, $"'{key}' is {found}, expected {expected}"));

    /// <summary>The module has no such parameter.</summary>
    public void Unexpected(string key) => _all.Add(new("unexpected", key, $"unexpected '{key}'"));

    /// <inheritdoc/>
    public override string ToString()
    {
        var kinds = _all.GroupBy(p => p.Kind).ToList();
        var named = kinds.SelectMany(kind => kind.Take(MostNamed)).ToHashSet();
        var more = kinds.Where(kind => kind.Count() > MostNamed).Select(kind => $"{kind.Count() - MostNamed} more {kind.Key}");
        return string.Join("; ", [.. _all.Where(named.Contains).Select(p => p.Text), .. more, .. Prefix()]);
    }

    private sealed record Problem(string Kind, string Key, string Text);

    /// <summary>What all names begin with on one side and not on the other, if that is the whole difference.</summary>
    private IEnumerable<string> Prefix()
    {
        var (missing, unexpected) = (Keys("missing"), Keys("unexpected"));
        if (missing.Count == 0 || unexpected.Count == 0) yield break;
        if (Longer(missing, unexpected) is { } there) yield return $"the names there begin with '{there}'";
        else if (Longer(unexpected, missing) is { } here) yield return $"the names there lack '{here}' at their beginning";

        HashSet<string> Keys(string kind) => [.. _all.Where(p => p.Kind == kind).Select(p => p.Key)];

        static string? Longer(HashSet<string> plain, HashSet<string> prefixed)
        {
            var first = plain.First();
            return prefixed.Where(k => k.EndsWith("." + first, StringComparison.Ordinal)).Select(k => k[..^first.Length])
                .FirstOrDefault(prefix => plain.All(k => prefixed.Contains(prefix + k)));
        }
    }
}
