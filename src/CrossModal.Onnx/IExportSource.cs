using CrossModal.Layers;

namespace CrossModal.Onnx;

/// <summary>Something that can be exported: how it is recorded, and what a model of it takes and gives.</summary>
internal interface IExportSource
{
    /// <summary>Name of the graph.</summary>
    string Name { get; }

    /// <summary>Owner of the parameters.</summary>
    Module Module { get; }

    /// <summary>Sizes that a model may leave open.</summary>
    IReadOnlyList<SizeSymbol> Symbols { get; }

    /// <summary>Records the pass at sizes by name; one that is not among them is at its base.</summary>
    Recorded Record(IReadOnlyDictionary<string, int> sizes);

    /// <summary>Adds the inputs of the model.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="size">A size by its name, as the model states it.</param>
    /// <returns>The values of <see cref="Recorded.Inputs"/>, in their order.</returns>
    IReadOnlyList<string> AddInputs(GraphBuilder graph, Func<string, Dim> size);

    /// <summary>Makes an output of the model of a recorded result.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Name of the result.</param>
    /// <param name="value">The result.</param>
    /// <returns>Its element type and the value that is given out.</returns>
    (ElementKind Kind, string Value) Finish(GraphBuilder graph, string name, string value);

    /// <summary>What the model says of itself.</summary>
    IEnumerable<KeyValuePair<string, string>> Metadata { get; }
}
