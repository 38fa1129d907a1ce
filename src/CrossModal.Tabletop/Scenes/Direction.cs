namespace CrossModal.Tabletop.Scenes;

/// <summary>Where something is to be pushed, in the board frame, as the viewer sees it.</summary>
public enum Direction
{
    /// <summary>No direction is meant.</summary>
    None,
    /// <summary>Towards smaller x.</summary>
    Left,
    /// <summary>Towards greater x.</summary>
    Right,
    /// <summary>Towards greater y: away from the viewer.</summary>
    Back,
    /// <summary>Towards smaller y: towards the viewer.</summary>
    Front,
}
