namespace CrossModal.Tabletop.Comparison;

/// <summary>Where a policy points at the first step of episodes.</summary>
/// <param name="Pointed">Whether the object nearest to the point was the right one, episode by episode.</param>
/// <param name="MeanErrorCentimetres">Mean horizontal distance to where the expert heads.</param>
internal sealed record PointingResult(IReadOnlyList<bool> Pointed, double MeanErrorCentimetres);
