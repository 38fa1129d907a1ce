namespace CrossModal.Tabletop.Camera;

/// <summary>Whether scenes vary in appearance.</summary>
public enum SceneVariation
{
    /// <summary>The same light, texture and paint in every scene.</summary>
    Plain,

    /// <summary>Light, the texture of board and table, and the paint of objects vary from scene to scene.</summary>
    Varied,
}
