using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Splits;

/// <summary>The corner of the board, at the back on the right, where nothing ever stands in training: about a tenth of where objects
/// start.</summary>
internal static class HeldOutRegion
{
    /// <summary>The corner.</summary>
    public static BoardRegion Region { get; } = new(0.06f, 0.06f, Board.HalfSide, Board.HalfSide);

    /// <summary>Whether the centre of any object of a scene is in it.</summary>
    public static bool IsOccupied(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        foreach (var thing in scene.Objects)
        {
            if (Region.Contains(thing.Position))
                return true;
        }

        return false;
    }
}
