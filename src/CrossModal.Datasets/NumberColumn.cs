using CrossModal.Data;

namespace CrossModal.Datasets;

/// <summary>Numbers that a data set holds for every step, such as actions or joint positions.</summary>
/// <param name="Name">Its name in the data set, such as <c>observation.state</c>.</param>
/// <param name="Quantities">Names and units of the numbers of a step, in their order.</param>
public sealed record NumberColumn(string Name, IReadOnlyList<Quantity> Quantities);
