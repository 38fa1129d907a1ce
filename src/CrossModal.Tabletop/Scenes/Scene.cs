using System.Collections.Immutable;

namespace CrossModal.Tabletop.Scenes;

/// <summary>The whole state of the tabletop at one instant; immutable, so it can be kept, shared between threads and compared.</summary>
public sealed class Scene
{
    /// <summary>Most objects a scene can hold; ids of masks stay below the hand's id.</summary>
    public const int MaxObjects = 16;

    /// <summary>Creates a state.</summary>
    /// <param name="objects">The objects; their order is their index everywhere else.</param>
    /// <param name="gripper">The hand.</param>
    /// <exception cref="ArgumentException">Too many objects, one off the board, a number that is not finite, or a held index that names no
    /// object.</exception>
    public Scene(ImmutableArray<TabletopObject> objects, Gripper gripper)
    {
        if (objects.IsDefault || objects.Length > MaxObjects)
            throw new ArgumentException(
                $"Scene: {(objects.IsDefault ? "no list of" : objects.Length)} objects; at most {MaxObjects} are possible.",
                nameof(objects));
        for (var i = 0; i < objects.Length; i++)
        {
            var position = objects[i].Position;
            var finite = float.IsFinite(position.Z) && float.IsFinite(objects[i].Radius);
            if (!finite || !(MathF.Abs(position.X) <= Board.HalfSide && MathF.Abs(position.Y) <= Board.HalfSide))
                throw new ArgumentException($"Scene: object {i} ({objects[i]}) is not on the board of ±{Board.HalfSide} m.",
                    nameof(objects));
        }

        if (gripper.Held < -1 || gripper.Held >= objects.Length)
            throw new ArgumentException($"Scene: the hand holds object {gripper.Held}, but there are {objects.Length} objects.",
                nameof(gripper));
        if (!float.IsFinite(gripper.Tool.X + gripper.Tool.Y + gripper.Tool.Z + gripper.Opening))
            throw new ArgumentException($"Scene: the hand's state {gripper} is not finite.", nameof(gripper));
        Objects = objects;
        Gripper = gripper;
    }

    /// <summary>The objects; an object's index is its place here.</summary>
    public ImmutableArray<TabletopObject> Objects { get; }

    /// <summary>The hand.</summary>
    public Gripper Gripper { get; }

    /// <summary>The same objects with another hand.</summary>
    public Scene With(Gripper gripper) => new(Objects, gripper);
}
