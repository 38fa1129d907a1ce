using System.Text;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>One of our parameters in a published checkpoint.</summary>
/// <param name="Name">Our name.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Key">The key of the published tensor it is, or is a part of.</param>
/// <param name="Part">Which of the published tensor's equal parts along its first axis.</param>
/// <param name="Parts">Number of those parts; 1 when it is the whole.</param>
internal sealed record CheckpointEntry(string Name, Tensor Parameter, string Key, int Part, int Parts)
{
    /// <summary>The shape the published tensor has.</summary>
    public Shape KeyShape => Parts == 1 ? Parameter.Shape : Parameter.Shape.With(0, Parts * Parameter.Shape[0]);

    /// <summary>Where the parameter's elements begin among those of the published tensor.</summary>
    public int Start => Part * Parameter.Shape.Length;
}

/// <summary>What a published checkpoint calls our parameters.</summary>
/// <remarks>
/// A rule gives our part of a name and the published one, whole dot-separated segments wherever they stand: <c>("feed_forward.fc1",
/// "mlp.c_fc")</c>. A segment <c>*</c> is any one and stays: <c>("layers.*.norm1", "blocks.*.ln_1")</c>. Rules apply in order, each to what
/// the ones before it made. The rules a model is loaded with stand in its file. Leading axes of size 1 do not matter: <c>[1, 17, d]</c> is
/// <c>[17, d]</c>.
/// </remarks>
/// <param name="rules">Our segments and the published ones.</param>
internal sealed class CheckpointNames(params (string Ours, string Published)[] rules)
{
    private readonly Rule[] _rules = [.. rules.Select(r => new Rule(r.Ours, r.Published))];

    /// <summary>The names our own files have.</summary>
    public static CheckpointNames Own { get; } = new();

    /// <summary>Our segments and the published ones.</summary>
    public IReadOnlyList<(string Ours, string Published)> Rules => rules;

    /// <summary>Projections that are published as one tensor: the published segments, and ours (after the rules) in the order of its
    /// rows.</summary>
    public IReadOnlyList<(string Published, string[] Ours)> Fused { get; init; } = [];

    /// <summary>What stands before every key when the model is a part of a larger one, as <c>vilt.</c>; keys without it are then of no
    /// concern.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Segments of published keys that are no parameters of the model: counters, and heads it does not have.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Where every parameter of a module is, in the order of registration; keys are without the prefix.</summary>
    internal IReadOnlyList<CheckpointEntry> Entries(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return [.. module.Parameters().Select(p => Entry(p.Key, p.Value))];
    }

    /// <summary>Where every parameter of a module is among given keys, all of them checked.</summary>
    /// <param name="module">The module.</param>
    /// <param name="keys">The keys a checkpoint has.</param>
    /// <param name="shapeOf">The shape of a key's tensor.</param>
    /// <exception cref="ShapeException">Keys are missing or unexpected, or shapes differ; the message names five of each kind and says how
    /// many more.</exception>
    internal IReadOnlyList<CheckpointEntry> Match(Module module, IEnumerable<string> keys, Func<string, Shape> shapeOf)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(shapeOf);
        var all = keys.ToHashSet();
        var prefix = Prefix.Length > 0 && all.Any(k => k.StartsWith(Prefix, StringComparison.Ordinal)) ? Prefix : "";
        var entries = Entries(module).Select(e => e with { Key = prefix + e.Key }).ToList();
        var problems = new ParameterProblems();
        var wanted = new HashSet<string>();
        foreach (var entry in entries)
        {
            if (!wanted.Add(entry.Key)) continue;
            if (!all.Contains(entry.Key)) problems.Missing(entry.Key, entry.KeyShape);
            else if (shapeOf(entry.Key) is var shape && Essential(shape) != Essential(entry.KeyShape))
                problems.Differs(entry.Key, shape, entry.KeyShape);
        }

        foreach (var key in all)
        {
            if (!wanted.Contains(key) && key.StartsWith(prefix, StringComparison.Ordinal)
                && !Ignored.Any(i => Segments(key).Contains(Segments(i), StringComparison.Ordinal)))
                problems.Unexpected(key);
        }

        return problems.Any ? throw new ShapeException(module.GetType().Name, $"parameters do not match: {problems}") : entries;
    }

    private CheckpointEntry Entry(string name, Tensor parameter)
    {
        var key = _rules.Aggregate(Segments(name), (k, rule) => rule.Apply(k));
        var (part, parts) = (0, 1);
        foreach (var (published, ours) in Fused)
        {
            for (var i = 0; i < ours.Length; i++)
            {
                if (!key.Contains(Segments(ours[i]), StringComparison.Ordinal)) continue;
                key = key.Replace(Segments(ours[i]), Segments(published), StringComparison.Ordinal);
                (part, parts) = (i, ours.Length);
            }
        }

        return new CheckpointEntry(name, parameter, key[1..^1], part, parts);
    }

    /// <summary>A name between dots, so that only whole segments are found in it.</summary>
    private static string Segments(string name) => $".{name}.";

    private static Shape Essential(Shape shape)
    {
        var first = 0;
        while (first < shape.Rank && shape[first] == 1) first++;
        return Shape.Of(shape.Sizes[first..]);
    }

    /// <summary>One rule, ready to apply to a name between dots.</summary>
    private sealed class Rule(string ours, string published)
    {
        private const string Any = "*";

        private readonly string[] _ours = ours.Split('.');
        private readonly string[] _published = published.Split('.');

        /// <summary>The name with every place that matches in the published segments; a name without one costs nothing.</summary>
        public string Apply(string name)
        {
            StringBuilder? result = null;
            var (written, at) = (0, 0);
            while (at < name.Length - 1)
            {
                var end = End(name, at);
                if (end < 0)
                {
                    at = name.IndexOf('.', at + 1);
                    continue;
                }

                result = (result ?? new StringBuilder()).Append(name, written, at - written);
                Write(name.Substring(at + 1, end - at - 1).Split('.'), result);
                written = at = end;
            }

            return result?.Append(name, written, name.Length - written).ToString() ?? name;
        }

        /// <summary>The dot behind the segments at a dot, where they match; else −1.</summary>
        private int End(string name, int at)
        {
            foreach (var segment in _ours)
            {
                if (at == name.Length - 1) return -1;
                var next = name.IndexOf('.', at + 1);
                if (segment != Any && !name.AsSpan(at + 1, next - at - 1).SequenceEqual(segment)) return -1;
                at = next;
            }

            return at;
        }

        private void Write(string[] matched, StringBuilder to)
        {
            var at = -1;
            foreach (var segment in _published)
            {
                if (segment == Any) at = Array.IndexOf(_ours, Any, at + 1);
                to.Append('.').Append(segment == Any ? matched[at] : segment);
            }
        }
    }
}
