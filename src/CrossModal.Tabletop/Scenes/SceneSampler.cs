using System.Runtime.InteropServices;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tabletop.Scenes;

/// <summary>Draws which objects share a scene and where they stand; a function of its random source alone.</summary>
internal static class SceneSampler
{
    /// <summary>Smallest distance between the centres of two objects, metres: open fingers around one clear the other.</summary>
    public const float MinSpacing = 0.085f;

    /// <summary>Smallest distance between a plate's centre and anything else's centre, beyond both radii, metres.</summary>
    public const float PlateClearance = 0.01f;

    /// <summary>Largest |x| and |y| at which an object's centre starts, metres.</summary>
    public const float Reach = 0.155f;

    private const int AttemptsPerObject = 60;

    // Many, because a condition may leave few layouts.
    private const int Attempts = 20_000;

    /// <summary>
    /// Chooses the company of a target. With three objects or more there is one of its colour and another shape, and one of
    /// its shape and another colour, so that neither attribute alone finds it; with two there is one of these. With four or
    /// more these three and a fourth make two colours by two shapes, so that each of the four has both distractors and the
    /// picture alone does not determine which one is meant. No kind repeats.
    /// </summary>
    /// <param name="random">The random source.</param>
    /// <param name="target">The kind asked for.</param>
    /// <param name="count">Number of objects, the target included.</param>
    /// <param name="allowed">The kinds that may accompany it.</param>
    /// <returns>The kinds, the target first.</returns>
    /// <exception cref="ArgumentException">The allowed kinds hold no such company.</exception>
    public static List<ObjectKind> Compose(RandomSource random, ObjectKind target, int count, IReadOnlyList<ObjectKind> allowed)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(allowed);
        // The corner of the square that shares nothing with the target; the two others follow from it.
        var opposite = Draw(random, allowed, kind => kind.Color != target.Color && kind.Shape != target.Shape
            && allowed.Contains(kind with { Shape = target.Shape }) && allowed.Contains(target with { Shape = kind.Shape }));
        ObjectKind sameColor = target with { Shape = opposite.Shape }, sameShape = opposite with { Shape = target.Shape };
        List<ObjectKind> kinds = random.NextBool(0.5f) ? [target, sameColor, sameShape, opposite]
            : [target, sameShape, sameColor, opposite];
        if (count < kinds.Count)
            kinds.RemoveRange(count, kinds.Count - count);
        while (kinds.Count < count)
            kinds.Add(Draw(random, allowed, kind => !kinds.Contains(kind)));
        return kinds;
    }

    /// <summary>Places objects of the given kinds on the board without overlap, and an open hand above it.</summary>
    /// <param name="random">The random source.</param>
    /// <param name="kinds">The kinds; object i of the scene is of kind i.</param>
    /// <param name="condition">What else a place must satisfy, when not every free place will do.</param>
    /// <param name="region">A region in which nothing starts.</param>
    /// <param name="inside">Index of the one object that starts in the region instead; -1 for none.</param>
    /// <returns>The scene.</returns>
    /// <exception cref="InvalidOperationException">The objects do not fit on the board.</exception>
    public static Scene Place(RandomSource random, IReadOnlyList<ObjectKind> kinds, PlaceCondition? condition = null,
        BoardRegion? region = null, int inside = -1)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(kinds);
        var objects = new TabletopObject[kinds.Count];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (!TryPlace(random, kinds, objects, condition, region, inside))
                continue;
            var tool = new Point(random.NextSingle(-0.15f, 0.15f), random.NextSingle(-0.15f, 0.15f), random.NextSingle(0.08f, 0.15f));
            return new Scene(ImmutableCollectionsMarshal.AsImmutableArray(objects), Gripper.OpenAt(tool));
        }

        throw new InvalidOperationException($"SceneSampler: {kinds.Count} objects do not fit on the board with their clearance.");
    }

    /// <summary>Draws uniformly among the kinds that satisfy a condition.</summary>
    /// <exception cref="ArgumentException">No kind does.</exception>
    public static ObjectKind Draw(RandomSource random, IReadOnlyList<ObjectKind> kinds, Func<ObjectKind, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(kinds);
        ArgumentNullException.ThrowIfNull(condition);
        var count = 0;
        foreach (var kind in kinds)
            count += condition(kind) ? 1 : 0;
        if (count == 0)
            throw new ArgumentException("SceneSampler: no allowed kind of object fits here.", nameof(kinds));
        var chosen = random.NextInt(count);
        foreach (var kind in kinds)
        {
            if (condition(kind) && chosen-- == 0)
                return kind;
        }

        throw new InvalidOperationException("SceneSampler: the condition changed its answer.");
    }

    private static bool TryPlace(RandomSource random, IReadOnlyList<ObjectKind> kinds, TabletopObject[] objects, PlaceCondition? condition,
        BoardRegion? region, int inside)
    {
        for (var i = 0; i < objects.Length; i++)
        {
            var plate = kinds[i].Shape == ObjectShape.Plate;
            var radius = plate ? TabletopObject.PlateRadius : random.NextSingle(0.025f, 0.03f);
            var reach = plate ? Board.HalfSide - TabletopObject.PlateRadius : Reach;
            var placed = false;
            for (var attempt = 0; attempt < AttemptsPerObject && !placed; attempt++)
            {
                var position = region is { } held && i == inside
                    ? new Point(random.NextSingle(held.MinX, MathF.Min(held.MaxX, reach)),
                        random.NextSingle(held.MinY, MathF.Min(held.MaxY, reach)), 0)
                    : new Point(random.NextSingle(-reach, reach), random.NextSingle(-reach, reach), 0);
                if (i != inside && region is { } forbidden && forbidden.Contains(position))
                    continue;
                objects[i] = new TabletopObject(kinds[i], position, radius);
                placed = (condition is null || condition(objects.AsSpan(0, i), objects[i].Position))
                    && HasClearance(objects.AsSpan(0, i), objects[i]);
            }

            if (!placed)
                return false;
        }

        return true;
    }

    private static bool HasClearance(ReadOnlySpan<TabletopObject> others, TabletopObject candidate)
    {
        foreach (var other in others)
        {
            var spacing = other.IsPlate || candidate.IsPlate ? other.Radius + candidate.Radius + PlateClearance : MinSpacing;
            if (other.Position.HorizontalDistanceTo(candidate.Position) < spacing)
                return false;
        }

        return true;
    }
}
