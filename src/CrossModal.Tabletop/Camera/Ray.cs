using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// A line of sight, parametrised by height: at height z it is over (X(z), Y(z)). All sight lines go down, so this never degenerates.
/// </summary>
/// <param name="OriginX">x of the camera, metres.</param>
/// <param name="OriginY">y of the camera, metres.</param>
/// <param name="OriginZ">z of the camera, metres.</param>
/// <param name="SlopeX">Metres of x per metre of descent.</param>
/// <param name="SlopeY">Metres of y per metre of descent.</param>
internal readonly record struct Ray(float OriginX, float OriginY, float OriginZ, float SlopeX, float SlopeY)
{
    /// <summary>x over which the line passes at a height.</summary>
    public float X(float z) => OriginX + ((OriginZ - z) * SlopeX);

    /// <summary>y over which the line passes at a height.</summary>
    public float Y(float z) => OriginY + ((OriginZ - z) * SlopeY);

    /// <summary>Where the line passes at a height.</summary>
    public Point At(float z) => new(X(z), Y(z), z);
}
