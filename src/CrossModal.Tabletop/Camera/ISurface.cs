namespace CrossModal.Tabletop.Camera;

/// <summary>What a line of sight meets on one shape: 0 when it misses, else a packed colour.</summary>
internal interface ISurface
{
    /// <summary>Colour where the ray meets the shape.</summary>
    uint Shade(Ray ray);
}
