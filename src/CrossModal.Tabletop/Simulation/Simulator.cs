using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Simulation;

/// <summary>
/// The built-in simulator: kinematic and quasi-static, 10 steps a second. The tool goes where the action says, at most 3 cm a step
/// along each axis; closing within 1 cm of an object's centre at grasp height attaches it; opening drops it onto what is
/// below; low fingers push what they meet. There is no slip, toppling or inertia. Only +, -, ×, ÷ and square roots touch the
/// state, so the same actions give the same bits on every machine.
/// </summary>
internal sealed class Simulator
{
    /// <summary>Steps a second.</summary>
    public const int Rate = 10;

    /// <summary>Largest horizontal distance between tool and object centre at which closing grasps, metres.</summary>
    public const float GraspTolerance = 0.01f;

    /// <summary>Greatest height of the tool above an object's base at which closing grasps, metres.</summary>
    public const float GraspHeight = 0.04f;

    // 3 cm in one go could carry a finger past an object's centre and push it the wrong way.
    private const int Substeps = 3;

    private readonly TabletopObject[] _objects;
    private Gripper _gripper;
    private Scene? _snapshot;

    /// <summary>Starts from a state; whatever the fingers overlap is pushed aside first.</summary>
    public Simulator(Scene start)
    {
        ArgumentNullException.ThrowIfNull(start);
        _objects = [.. start.Objects];
        _gripper = start.Gripper;
        TouchedObject = Contacts.Resolve(_objects, _gripper);
    }

    /// <summary>The present state.</summary>
    public Scene Scene => _snapshot ??= new Scene([.. _objects], _gripper);

    /// <summary>The object that the fingers pushed or grasped during the last step (the first of them), or -1.</summary>
    public int TouchedObject { get; private set; }

    /// <summary>Advances by a tenth of a second: the motion first, then the fingers.</summary>
    /// <exception cref="ArgumentException">A displacement is not a finite number.</exception>
    public void Step(RobotAction action)
    {
        if (!float.IsFinite(action.Dx) || !float.IsFinite(action.Dy) || !float.IsFinite(action.Dz))
            throw new ArgumentException($"Simulator: the action ({action.Dx}, {action.Dy}, {action.Dz}) is not finite.", nameof(action));
        _snapshot = null;
        TouchedObject = -1;
        var clipped = action.Clipped();
        for (var i = 0; i < Substeps; i++)
            Move(clipped.Dx / Substeps, clipped.Dy / Substeps, clipped.Dz / Substeps);
        if (action.Close)
            Close();
        else
            Open();
        Touch(Contacts.Resolve(_objects, _gripper));
    }

    private void Move(float dx, float dy, float dz)
    {
        var from = _gripper.Tool;
        var to = new Point(
            Math.Clamp(from.X + dx, -Board.ToolReach, Board.ToolReach),
            Math.Clamp(from.Y + dy, -Board.ToolReach, Board.ToolReach),
            Math.Clamp(from.Z + dz, Board.ToolFloor, Board.ToolCeiling));
        if (_gripper.Held >= 0)
            to = Carry(from, to);
        _gripper = _gripper with { Tool = to };
        Touch(Contacts.Resolve(_objects, _gripper));
    }

    /// <summary>Moves the held object with the tool; returns where the tool stops because the object may not leave the board or sink into
    /// it.</summary>
    private Point Carry(Point from, Point to)
    {
        ref var held = ref _objects[_gripper.Held];
        var grip = new Point(from.X - held.Position.X, from.Y - held.Position.Y, from.Z - held.Position.Z);
        var limit = Board.HalfSide - held.Radius;
        var x = Math.Clamp(to.X - grip.X, -limit, limit);
        var y = Math.Clamp(to.Y - grip.Y, -limit, limit);
        held = held with { Position = new Point(x, y, held.Position.Z) };
        var floor = Contacts.SupportHeight(_objects, _gripper.Held);
        held = held with { Position = new Point(x, y, MathF.Max(to.Z - grip.Z, floor)) };
        return new Point(x + grip.X, y + grip.Y, held.Position.Z + grip.Z);
    }

    private void Close()
    {
        if (_gripper.IsClosed)
            return;
        var best = -1;
        var bestDistance = GraspTolerance;
        for (var i = 0; i < _objects.Length; i++)
        {
            var height = _gripper.Tool.Z - _objects[i].Position.Z;
            var distance = _gripper.Tool.HorizontalDistanceTo(_objects[i].Position);
            if (_objects[i].IsPlate || height < 0 || height > GraspHeight || distance > bestDistance)
                continue;
            (best, bestDistance) = (i, distance);
        }

        _gripper = _gripper with { Held = best, Opening = best < 0 ? 0 : 2 * _objects[best].Radius };
        Touch(best);
    }

    // Whatever was held comes to rest in the contact resolution that ends the step.
    private void Open() => _gripper = Gripper.OpenAt(_gripper.Tool);

    private void Touch(int index)
    {
        if (TouchedObject < 0)
            TouchedObject = index;
    }
}
