using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Splits;

/// <summary>
/// The colour–shape pairs that training never shows: one shape per colour (a Latin square), so every colour and every shape
/// is trained, six of thirty pairs are not.
/// </summary>
internal static class HeldOutPairs
{
    /// <summary>The 24 pairs of training and of S0.</summary>
    public static IReadOnlyList<ObjectKind> Training { get; } = Enumerate(heldOut: false);

    /// <summary>The six held-out pairs.</summary>
    public static IReadOnlyList<ObjectKind> HeldOut { get; } = Enumerate(heldOut: true);

    /// <summary>Whether training never shows this pair; false for plates, and for colours without a name.</summary>
    public static bool Contains(ObjectKind kind) =>
        kind.IsNamed && (int)kind.Shape == ((2 * (int)kind.Color) + 1) % ObjectKind.GraspableShapeCount;

    private static ObjectKind[] Enumerate(bool heldOut) =>
    [
        .. from color in Enumerable.Range(0, ObjectKind.ColorCount)
           from shape in Enumerable.Range(0, ObjectKind.GraspableShapeCount)
           let kind = new ObjectKind((ObjectColor)color, (ObjectShape)shape)
           where Contains(kind) == heldOut
           select kind,
    ];
}
