namespace CrossModal.Tabletop.Scenes;

/// <summary>The five shapes that can be grasped, and the plate they can be placed on; the lower-case name is the word of the
/// instruction.</summary>
public enum ObjectShape
{
    /// <summary>An open cup with a handle.</summary>
    Cup,
    /// <summary>A cube with its faces along the axes.</summary>
    Cube,
    /// <summary>An upright cylinder.</summary>
    Cylinder,
    /// <summary>A ball.</summary>
    Ball,
    /// <summary>A thick five-pointed star lying flat.</summary>
    Star,
    /// <summary>A flat plate, fixed to the board: a place to put things, never grasped or pushed.</summary>
    Plate,
}
