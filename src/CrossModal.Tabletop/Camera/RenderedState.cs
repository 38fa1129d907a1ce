using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>What a frame shows, and who drew it.</summary>
internal readonly record struct RenderedState(TabletopCamera Camera, Scene Scene, Appearance? Appearance);
