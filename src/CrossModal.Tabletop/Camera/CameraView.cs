namespace CrossModal.Tabletop.Camera;

/// <summary>The viewpoint of a camera over the board.</summary>
public enum CameraView
{
    /// <summary>From the viewer's side, nearly from above; right is right in the picture.</summary>
    Front,

    /// <summary>From the right side, lower, so that height shows; the back of the board is right in the picture.</summary>
    Side,
}
