using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Simulation;

/// <summary>
/// Planar quasi-static contacts: fingers and a held object push along the contact normal, pushed objects push the next,
/// nothing has inertia and nothing leaves the board. Footprints are discs. An object pinched against the edge stays there.
/// </summary>
internal static class Contacts
{
    private const int Rounds = 12;
    private const float Slack = 1e-6f;

    /// <summary>Pushes objects out of the fingers, of the held object and of each other, then lets them rest on what is below.</summary>
    /// <returns>The first object a finger touched, or -1.</returns>
    public static int Resolve(Span<TabletopObject> objects, Gripper gripper)
    {
        // An object's rank is its distance, in contacts, from what drives the motion; the lower rank moves the higher one.
        Span<int> rank = stackalloc int[Scene.MaxObjects];
        rank.Fill(int.MaxValue);
        if (gripper.Held >= 0)
            rank[gripper.Held] = 0;

        var touched = -1;
        for (var round = 0; round < Rounds; round++)
        {
            var moved = false;
            for (var i = 0; i < objects.Length; i++)
            {
                if (i == gripper.Held || objects[i].IsPlate || gripper.Tool.Z >= objects[i].Top)
                    continue;
                var pushed = PushByFinger(ref objects[i], gripper, -gripper.FingerOffset);
                pushed |= PushByFinger(ref objects[i], gripper, gripper.FingerOffset);
                if (!pushed)
                    continue;
                rank[i] = Math.Min(rank[i], 1);
                moved = true;
                touched = touched < 0 ? i : touched;
            }

            moved |= SeparatePairs(objects, rank);
            if (!moved)
                break;
        }

        Rest(objects, gripper.Held);
        return touched;
    }

    /// <summary>Height of what would carry an object here: the board, a plate, or the top of an object under its centre.</summary>
    public static float SupportHeight(ReadOnlySpan<TabletopObject> objects, int index)
    {
        var support = 0f;
        for (var j = 0; j < objects.Length; j++)
        {
            var below = objects[j].Top <= objects[index].Position.Z + Slack || objects[j].IsPlate;
            if (j != index && below && objects[j].Position.HorizontalDistanceTo(objects[index].Position) < objects[j].Radius)
                support = MathF.Max(support, objects[j].Top);
        }

        return support;
    }

    private static bool PushByFinger(ref TabletopObject thing, Gripper gripper, float offset)
    {
        var fingerX = gripper.Tool.X + offset;
        float dx = thing.Position.X - fingerX, dy = thing.Position.Y - gripper.Tool.Y;
        return Push(ref thing, dx, dy, thing.Radius + Gripper.FingerRadius, offset < 0 ? -1 : 1);
    }

    private static bool SeparatePairs(Span<TabletopObject> objects, Span<int> rank)
    {
        var moved = false;
        for (var i = 0; i < objects.Length; i++)
        {
            for (var j = i + 1; j < objects.Length; j++)
            {
                ref var a = ref objects[i];
                ref var b = ref objects[j];
                if (a.IsPlate || b.IsPlate || a.Position.Z >= b.Top - Slack || b.Position.Z >= a.Top - Slack)
                    continue;
                float dx = b.Position.X - a.Position.X, dy = b.Position.Y - a.Position.Y, reach = a.Radius + b.Radius;
                if ((dx * dx) + (dy * dy) >= (reach - Slack) * (reach - Slack))
                    continue;
                if (rank[i] < rank[j])
                {
                    moved |= Push(ref b, dx, dy, reach, 1);
                    rank[j] = Math.Min(rank[j], rank[i] + 1);
                }
                else if (rank[j] < rank[i])
                {
                    moved |= Push(ref a, -dx, -dy, reach, -1);
                    rank[i] = Math.Min(rank[i], rank[j] + 1);
                }
                else
                {
                    // Neither drives the other (a release into a neighbour): both give way by half.
                    var half = (reach + MathF.Sqrt((dx * dx) + (dy * dy))) / 2;
                    moved |= Push(ref b, dx, dy, half, 1);
                    dx = b.Position.X - a.Position.X;
                    dy = b.Position.Y - a.Position.Y;
                    moved |= Push(ref a, -dx, -dy, reach, -1);
                }
            }
        }

        return moved;
    }

    /// <summary>Moves a thing along (dx, dy) until it is `reach` from the origin of that vector, keeping it on the board.</summary>
    private static bool Push(ref TabletopObject thing, float dx, float dy, float reach, float fallback)
    {
        var squared = (dx * dx) + (dy * dy);
        if (squared >= (reach - Slack) * (reach - Slack))
            return false;
        var distance = MathF.Sqrt(squared);
        // Concentric discs have no normal; the fingers lie along x, so x is the way out.
        float nx = fallback, ny = 0;
        if (distance > Slack)
            (nx, ny) = (dx / distance, dy / distance);
        var depth = reach - distance;
        var position = thing.Position;
        var limit = Board.HalfSide - thing.Radius;
        var next = new Point(
            Math.Clamp(position.X + (nx * depth), -limit, limit), Math.Clamp(position.Y + (ny * depth), -limit, limit), position.Z);
        thing = thing with { Position = next };
        return next != position;
    }

    private static void Rest(Span<TabletopObject> objects, int held)
    {
        // From the lowest up, so that what carries an object has settled before it does.
        Span<int> order = stackalloc int[objects.Length];
        for (var i = 0; i < objects.Length; i++)
        {
            var at = i;
            while (at > 0 && objects[order[at - 1]].Position.Z > objects[i].Position.Z)
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = i;
        }

        foreach (var i in order)
        {
            if (i != held && !objects[i].IsPlate)
                objects[i] = objects[i] with { Position = objects[i].Position with { Z = SupportHeight(objects, i) } };
        }
    }
}
