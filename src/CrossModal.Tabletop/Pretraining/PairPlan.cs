using CrossModal.Engine.Tensors;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>Which caption the fusion sees with which scene: the right ones, those most easily confused, then those with something
/// hidden.</summary>
/// <remarks>Rows 0 … B − 1 are whole, B … 2B − 1 have words or patches hidden. The order of the pairs is: right pairs; with
/// <see cref="PretrainingObjectives.Matching"/> every scene with a wrong caption and every caption with a wrong scene; hidden words; hidden
/// patches.</remarks>
internal sealed class PairPlan
{
    private readonly int _scenes;
    private readonly bool _matching;

    /// <summary>Plans the pairs that some objectives need.</summary>
    public PairPlan(PretrainingObjectives objectives, int scenes, int words)
    {
        (_scenes, _matching) = (scenes, objectives.HasFlag(PretrainingObjectives.Matching));
        var parts = (_matching ? 3 : 1) + (objectives.HasFlag(PretrainingObjectives.Words) ? 1 : 0)
            + (objectives.HasFlag(PretrainingObjectives.Patches) ? 1 : 0);
        (TextRows, ImageRows, Scores) = (Tensor.Zeros([parts * scenes]), Tensor.Zeros([parts * scenes]),
            Tensor.Zeros([parts * scenes, 1, 1, words]));
        var last = parts;
        for (var i = 0; i < TextRows.Shape.Length; i++) TextRows.Span[i] = ImageRows.Span[i] = i % scenes;
        if (objectives.HasFlag(PretrainingObjectives.Patches)) Shift(ImageRows, --last);
        if (objectives.HasFlag(PretrainingObjectives.Words)) Shift(TextRows, --last);

        void Shift(Tensor rows, int part)
        {
            for (var i = 0; i < scenes; i++) rows.Span[part * scenes + i] += scenes;
        }
    }

    /// <summary>Row of each pair's caption, <c>[P]</c>.</summary>
    public Tensor TextRows { get; }

    /// <summary>Row of each pair's scene, <c>[P]</c>.</summary>
    public Tensor ImageRows { get; }

    /// <summary>Mask scores of each pair's words, <c>[P, 1, 1, Nl]</c>.</summary>
    public Tensor Scores { get; }

    /// <summary>Draws the wrong partners, those more alike more often (ALBEF, section 3.2), and takes over the captions' masks.</summary>
    /// <param name="similarity">How alike caption i and scene j are, as logits <c>[B, B]</c>.</param>
    /// <param name="same">Whether two scenes have the same caption: then neither is wrong for the other.</param>
    /// <param name="masks">Scores of the captions' masks <c>[2 B, 1, 1, Nl]</c>.</param>
    /// <param name="random">What is drawn from.</param>
    public void Draw(ReadOnlySpan<float> similarity, Func<int, int, bool> same, Tensor masks, RandomSource random)
    {
        for (var i = 0; i < _scenes && _matching; i++)
        {
            TextRows.Span[_scenes + i] = Wrong(similarity[i..], _scenes, i, same, random);
            ImageRows.Span[2 * _scenes + i] = Wrong(similarity[(i * _scenes)..], 1, i, same, random);
        }

        var words = Scores.Shape[3];
        for (var pair = 0; pair < TextRows.Shape.Length; pair++)
            masks.Span.Slice((int)TextRows.Span[pair] * words, words).CopyTo(Scores.Span[(pair * words)..]);
    }

    private int Wrong(ReadOnlySpan<float> logits, int stride, int own, Func<int, int, bool> same, RandomSource random)
    {
        var highest = float.NegativeInfinity;
        for (var j = 0; j < _scenes; j++) highest = same(own, j) ? highest : Math.Max(highest, logits[j * stride]);

        // All scenes alike: any other one has to do.
        if (float.IsNegativeInfinity(highest)) return (own + 1) % _scenes;
        double total = 0;
        for (var j = 0; j < _scenes; j++) total += same(own, j) ? 0 : Math.Exp(logits[j * stride] - highest);
        var left = random.NextDouble() * total;
        var chosen = own;
        for (var j = 0; j < _scenes; j++)
        {
            if (same(own, j)) continue;
            chosen = j;
            left -= Math.Exp(logits[j * stride] - highest);
            if (left < 0) break;
        }

        return chosen;
    }
}
