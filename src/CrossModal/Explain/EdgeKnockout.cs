using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Edges from words to patches that no attention may use: in every layer and head in which words attend to
/// patches directly, their scores become −∞ before the softmax.</summary>
internal sealed class EdgeKnockout
{
    private readonly TokenGrid _grid;
    private readonly int _words;
    private readonly bool[] _blocked;
    private readonly int _views;

    /// <summary>Names the edges.</summary>
    /// <param name="grid">Where the patches of a camera lie.</param>
    /// <param name="words">Number of words Nl.</param>
    /// <param name="blocked">Which edges, camera after camera, word after word, <c>[V, Nl, grid.Count]</c>; those to the pictures of
    /// earlier steps may follow, the step before first.</param>
    /// <param name="views">Number of cameras V.</param>
    public EdgeKnockout(TokenGrid grid, int words, bool[] blocked, int views = 1) =>
        (_grid, _words, _blocked, _views) = (grid, words, blocked, views);

    /// <summary>How many layers were met in which words attend to patches directly.</summary>
    public int Layers { get; private set; }

    /// <summary>A trace for a pass in which the edges are out.</summary>
    public AttentionTrace Trace() => new() { Blocked = Scores };

    private Tensor? Scores(IReadOnlyList<TokenRun>? queries, IReadOnlyList<TokenRun>? keys)
    {
        if (queries is null || keys is null) return null;
        var firstWord = 0;
        var found = false;
        foreach (var run in queries)
        {
            if (found = run.Kind == TokenKind.Words && run.Count == _words) break;
            firstWord += run.Count;
        }

        if (!found || !keys.Any(IsNamed)) return null;
        Layers++;
        var (count, firstKey) = (keys.Sum(run => run.Count), 0);
        var scores = Tensor.Zeros([1, 1, queries.Sum(run => run.Count), count]);
        foreach (var run in keys)
        {
            for (var word = 0; word < _words && IsNamed(run); word++)
                for (var patch = 0; patch < _grid.Count; patch++)
                    if (_blocked[(PictureOf(run) * _words + word) * _grid.Count + patch])
                        scores[0, 0, firstWord + word, firstKey + patch] = float.NegativeInfinity;
            firstKey += run.Count;
        }

        return scores;
    }

    private int PictureOf(TokenRun run) => run.Age * _views + run.View;

    private bool IsNamed(TokenRun run) => run.Kind == TokenKind.Patches && run.Count == _grid.Count
        && PictureOf(run) < _blocked.Length / (_words * _grid.Count);
}
