namespace CrossModal.Benchmarks.Cases;

/// <summary>One layer, or blocks of cross-attention and feed-forward in a row that all attend to the same visual tokens.</summary>
/// <param name="Shape">Sizes of every block.</param>
/// <param name="Blocks">Number of blocks; 0 for a layer alone, without feed-forward.</param>
/// <remarks>
/// A layer is y = LayerNorm(L + attention(L, V, V)). A block goes on with y = LayerNorm(y + W2 gelu(W1 y + b1) + b2), W1 four times as
/// wide. Weights are [in, out]: y = x W + b.
/// </remarks>
internal sealed record Network(LayerShape Shape, int Blocks)
{
    private const int BlocksInARow = 4;
    private static readonly string[] AttentionWeights = ["Wq", "Wk", "Wv", "Wo"];
    private static readonly string[] AttentionBiases = ["bq", "bk", "bv", "bo"];

    /// <summary>Everything whose inputs are shared with other engines.</summary>
    public static IEnumerable<Network> All => LayerShape.Layers.Select(Layer).Concat(LayerShape.Networks.Select(FourBlocks));

    /// <summary>Name of the folder.</summary>
    public string Name => Blocks == 0 ? Shape.Name : $"net{Blocks}_{Shape.Name}";

    /// <summary>Width inside the feed-forward.</summary>
    public int Hidden => 4 * Shape.Width;

    /// <summary>Every input: its name, its length, and how it is distributed.</summary>
    public IEnumerable<InputArray> Arrays
    {
        get
        {
            var d = Shape.Width;
            yield return new("L", Shape.Batch * Shape.Words * d, 1);
            yield return new("V", Shape.Batch * Shape.Visuals * d, 1);
            foreach (var prefix in Prefixes)
            {
                // Queries and keys are larger, so that the weights of attention are far from even.
                foreach (var name in AttentionWeights)
                    yield return new(prefix + name, d * d, (name is "Wq" or "Wk" ? 2 : 1) / Math.Sqrt(d));
                foreach (var name in AttentionBiases) yield return new(prefix + name, d, 0.2);
                yield return new(prefix + "g", d, 0.1, 1);
                yield return new(prefix + "be", d, 0.1);
                if (Blocks == 0) continue;
                yield return new(prefix + "W1", d * Hidden, 1 / Math.Sqrt(d));
                yield return new(prefix + "b1", Hidden, 0.2);
                yield return new(prefix + "W2", Hidden * d, 1 / Math.Sqrt(Hidden));
                yield return new(prefix + "b2", d, 0.2);
                yield return new(prefix + "g2", d, 0.1, 1);
                yield return new(prefix + "be2", d, 0.1);
            }
        }
    }

    /// <summary>What the names of each block's weights begin with.</summary>
    public IEnumerable<string> Prefixes => Blocks == 0 ? [""] : Enumerable.Range(0, Blocks).Select(i => $"{i}.");

    /// <summary>A layer alone.</summary>
    public static Network Layer(LayerShape shape) => new(shape, 0);

    /// <summary>Four blocks.</summary>
    public static Network FourBlocks(LayerShape shape) => new(shape, BlocksInARow);

    /// <summary>One input.</summary>
    /// <param name="Name">Name, and that of its file.</param>
    /// <param name="Length">Number of elements.</param>
    /// <param name="Deviation">Standard deviation of its elements.</param>
    /// <param name="Mean">Mean of its elements.</param>
    internal sealed record InputArray(string Name, int Length, double Deviation, float Mean = 0);
}
