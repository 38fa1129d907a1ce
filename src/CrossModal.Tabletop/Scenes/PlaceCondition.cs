namespace CrossModal.Tabletop.Scenes;

/// <summary>Whether the next object may stand somewhere, given those that already stand.</summary>
/// <param name="placed">The objects so far; their number is the index of the next one.</param>
/// <param name="position">Where the next one would stand.</param>
internal delegate bool PlaceCondition(ReadOnlySpan<TabletopObject> placed, Point position);
