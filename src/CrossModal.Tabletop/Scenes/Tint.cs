namespace CrossModal.Tabletop.Scenes;

/// <summary>The components of a colour without a name.</summary>
/// <param name="R">Red, 0 … 255.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
internal readonly record struct Tint(byte R, byte G, byte B);
