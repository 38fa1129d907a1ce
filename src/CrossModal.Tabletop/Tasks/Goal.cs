using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Tasks;

/// <summary>What an instruction means in its scene, as object indices.</summary>
/// <param name="Target">The object to pick up or move.</param>
/// <param name="Reference">The plate to place on, or the object a relation refers to; -1 when there is none.</param>
/// <param name="Relation">How target and reference are related, when the instruction says so.</param>
/// <param name="Direction">Where the target is to be pushed, when the instruction says so.</param>
public readonly record struct Goal(int Target, int Reference = -1, Relation Relation = Relation.None, Direction Direction = Direction.None);
