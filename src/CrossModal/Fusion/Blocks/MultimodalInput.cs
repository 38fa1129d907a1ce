using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Tokens of several modalities in one sequence: each is made as wide as the widest and a little wider by learned numbers, which
/// also distinguish the modalities (Jaegle et al. 2022, Perceiver IO, section 3.3 and appendix; Hugging Face's
/// PerceiverMultimodalPreprocessor).</summary>
internal sealed class MultimodalInput : Module
{
    private readonly SortedDictionary<string, (int Width, Tensor Padding)> _modalities = new(StringComparer.Ordinal);

    /// <summary>Makes the layer.</summary>
    /// <param name="modalities">Names and widths of the modalities.</param>
    /// <param name="random">Source of the first values.</param>
    /// <param name="least">The fewest learned numbers beside a token.</param>
    /// <exception cref="ShapeException">There is no modality, or the least is not positive.</exception>
    public MultimodalInput(IReadOnlyDictionary<string, int> modalities, RandomSource random, int least = 2)
    {
        ArgumentNullException.ThrowIfNull(modalities);
        if (modalities.Count == 0 || least <= 0)
            throw new ShapeException("MultimodalInput",
                $"{modalities.Count} modalities with {least} learned numbers cannot be distinguished");
        Width = modalities.Values.Max() + least;
        var padding = Add("padding", new Padding());
        foreach (var (name, width) in modalities.OrderBy(m => m.Key, StringComparer.Ordinal))
            _modalities.Add(name, (width, padding.Of(name, Tensor.Normal([1, Width - width], random))));
    }

    /// <summary>Width of the tokens that come out.</summary>
    public int Width { get; }

    /// <summary>The tokens of all modalities, in the order of their names: <c>[B, ΣN, width]</c>, with their padding.</summary>
    /// <param name="tokens">Tokens of each modality, <c>[B, N, its width]</c>.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A modality is missing or unknown, or has another width.</exception>
    public Tokens Forward(IReadOnlyDictionary<string, Tokens> tokens, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.Count != _modalities.Count || _modalities.Keys.Any(n => !tokens.ContainsKey(n)))
            throw new ShapeException("MultimodalInput",
                $"takes the modalities {string.Join(", ", _modalities.Keys)}, got {string.Join(", ", tokens.Keys.Order(StringComparer.Ordinal))}");
        return Tokens.Join(_modalities.Select(m =>
        {
            var given = tokens[m.Key];
            given.Check("MultimodalInput", m.Key, m.Value.Width);
            var beside = pass.Expand(m.Value.Padding, [given.Batch, given.Count, Width - m.Value.Width]);
            return given with { Values = pass.Concat(2, given.Values, beside) };
        }).ToList(), pass);
    }

    /// <summary>The learned numbers, by modality.</summary>
    private sealed class Padding : Module
    {
        public Tensor Of(string name, Tensor value) => AddParameter(name, value);
    }
}
