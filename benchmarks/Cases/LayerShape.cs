using System.Globalization;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Sizes of one cross-attention layer.</summary>
/// <param name="Name">What it is called in cases and folders.</param>
/// <param name="Batch">Samples B.</param>
/// <param name="Words">Words Nl, the queries.</param>
/// <param name="Visuals">Visual tokens Nv, the keys and values.</param>
/// <param name="Width">Width d of a token.</param>
/// <param name="Heads">Heads H.</param>
internal sealed record LayerShape(string Name, int Batch, int Words, int Visuals, int Width, int Heads)
{
    /// <summary>The layers that are compared.</summary>
    public static IReadOnlyList<LayerShape> Layers { get; } =
    [
        new("a", 1, 16, 196, 512, 8), new("b", 1, 16, 256, 768, 12), new("c", 1, 12, 1024, 512, 8),
        new("d", 1, 32, 576, 1024, 16), new("e", 8, 16, 196, 512, 8), new("f", 1, 64, 196, 512, 8),
    ];

    /// <summary>The layers that networks of four blocks are made of.</summary>
    public static IReadOnlyList<LayerShape> Networks { get; } = [.. Layers.Where(l => l.Name is "a" or "c")];

    /// <summary>The sizes in words.</summary>
    public string Sizes => string.Create(CultureInfo.InvariantCulture,
        $"B {Batch}, {Words} words, {Visuals} visual tokens, d {Width}, {Heads} heads");

    /// <summary>A layer by its name.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static LayerShape Named(string name) =>
        Layers.FirstOrDefault(l => l.Name == name)
            ?? throw new ArgumentException($"there is no layer '{name}'; there are {string.Join(", ", Layers.Select(l => l.Name))}");
}
