using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Sizes of a graph attention layer.</summary>
/// <param name="Width">Width of a node.</param>
/// <param name="Heads">Number of heads H.</param>
/// <param name="HeadWidth">Width F' of a head's result.</param>
internal sealed record GraphAttentionOptions(int Width, int Heads = 8, int HeadWidth = 8)
{
    /// <summary>Whether heads stand side by side; otherwise they are averaged, as in a last layer.</summary>
    public bool Concatenate { get; init; } = true;

    /// <summary>Share dropped in training of the nodes that come in and of the weights; 0.6 where published.</summary>
    public float Dropout { get; init; }

    /// <summary>How many rows and columns of a grid of patches away a neighbour may be; null for a graph given as a mask.</summary>
    public int? Radius { get; init; }

    /// <summary>Where the patches lie, with a radius; a square when null.</summary>
    public TokenGrid? Grid { get; init; }
}

/// <summary>One layer of a graph attention network: ELU(‖ₕ Σⱼ αᵢⱼ W hⱼ), α = softmaxⱼ(LeakyReLU(a₁ᵀW hᵢ + a₂ᵀW hⱼ)) over the neighbours of
/// a node and the node itself (Veličković et al. 2018, eqs. 3 to 6).</summary>
internal sealed class GraphAttentionLayer : Module
{
    private readonly MultiHeadAttention _attention;
    private readonly float _dropout;

    /// <summary>Makes the layer; W has no bias.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public GraphAttentionLayer(GraphAttentionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _dropout = options.Dropout;
        var attention = new AttentionOptions(options.Width, options.Heads)
        {
            Widths = new AttentionWidths { Head = options.HeadWidth },
            Dropout = options.Dropout
        };
        _attention = Add("attention", new MultiHeadAttention(attention, options.Concatenate ? HeadMerge.Concatenate : HeadMerge.Average,
            new GraphMixer(options.Grid, options.Radius, attention, random), random));
    }

    /// <summary>Applies the layer: <c>[B, N, d] → [B, N, H·F']</c>, or <c>[B, N, F']</c> when heads are averaged.</summary>
    /// <param name="nodes">Nodes: patches or objects.</param>
    /// <param name="graph">The edges, and which nodes are real (<see cref="Edges"/>); null for the grid alone, or for every pair.</param>
    /// <param name="pass">The pass; its trace receives α.</param>
    public Tensor Forward(Tensor nodes, Mask? graph, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var x = pass.Dropout(nodes, _dropout);
        return pass.Elu(_attention.Forward(x, x, x, graph, pass));
    }

    /// <summary>A graph as a mask; every node is its own neighbour.</summary>
    /// <param name="edges"><c>[N, N]</c>, true where node i attends to node j.</param>
    /// <exception cref="ShapeException">The graph is not square.</exception>
    public static Mask Edges(bool[,] edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        if (edges.GetLength(0) != edges.GetLength(1))
            throw new ShapeException("GraphAttentionLayer", $"a graph of {edges.GetLength(0)} by {edges.GetLength(1)} nodes");
        var looped = (bool[,])edges.Clone();
        for (var i = 0; i < looped.GetLength(0); i++) looped[i, i] = true;
        return Mask.Allowed(looped);
    }
}
