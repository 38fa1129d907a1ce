namespace CrossModal.Explain;

/// <summary>What a method of explanation reads of a model.</summary>
[Flags]
public enum MapNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The weights of its attentions.</summary>
    Weights = 1,

    /// <summary>Gradients of the decision.</summary>
    Gradients = 2,

    /// <summary>What attentions fetch from each key.</summary>
    Values = 4,

    /// <summary>Further passes with changed pictures.</summary>
    Passes = 8,
}

/// <summary>A way to say which patches of the pictures a decision depends on.</summary>
public interface IMapMethod
{
    /// <summary>What command lines and reports call it: <c>gradient-albef</c>.</summary>
    string Name { get; }

    /// <summary>What it computes, in a line, with its source.</summary>
    string Summary { get; }

    /// <summary>What it reads of a model.</summary>
    MapNeeds Needs { get; }

    /// <summary>Whether every word has a map; otherwise there is one of the decision as a whole.</summary>
    bool OfWords { get; }

    /// <summary>Computes the map of a decision.</summary>
    /// <exception cref="NotSupportedException">The method has no meaning for the model; the message names both.</exception>
    ExplanationMap Compute(ExplainedDecision decision);
}
