namespace CrossModal.Tabletop.Scenes;

/// <summary>Where one object is, seen from another, in the board frame.</summary>
public enum Relation
{
    /// <summary>No relation is meant.</summary>
    None,
    /// <summary>Smaller x.</summary>
    LeftOf,
    /// <summary>Greater x.</summary>
    RightOf,
    /// <summary>Greater y: farther from the viewer.</summary>
    Behind,
    /// <summary>Smaller y: nearer to the viewer.</summary>
    InFrontOf,
}
