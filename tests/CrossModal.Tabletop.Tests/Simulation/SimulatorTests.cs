using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Tests.Simulation;

public sealed class SimulatorTests
{
    private static readonly ObjectKind RedCup = new(ObjectColor.Red, ObjectShape.Cup);
    private static readonly ObjectKind BlueBall = new(ObjectColor.Blue, ObjectShape.Ball);
    private static readonly ObjectKind GreenPlate = new(ObjectColor.Green, ObjectShape.Plate);

    [Fact]
    public void The_tool_moves_at_most_3_cm_a_step_and_stays_in_its_workspace()
    {
        var simulator = new Simulator(Scene(new Point(0, 0, 0.1f)));
        simulator.Step(new RobotAction(1, -1, 0.01f, false));
        AssertNear(new Point(0.03f, -0.03f, 0.11f), simulator.Scene.Gripper.Tool);
        for (var i = 0; i < 20; i++)
            simulator.Step(new RobotAction(1, -1, -1, false));
        AssertNear(new Point(Board.ToolReach, -Board.ToolReach, Board.ToolFloor), simulator.Scene.Gripper.Tool);
    }

    [Theory]
    [InlineData(0.009f, 0f, 0.02f, true)]
    [InlineData(0f, 0.0099f, 0.039f, true)]
    [InlineData(0f, 0.0105f, 0.02f, false)]
    [InlineData(0f, 0f, 0.045f, false)]
    public void Closing_grasps_within_1_cm_at_the_right_height(float dx, float dy, float z, bool grasps)
    {
        // A narrow object, so that the fingers do not centre it first.
        var simulator = new Simulator(Scene(new Point(dx, dy, z), Thing(RedCup, 0, 0, radius: 0.025f)));
        simulator.Step(new RobotAction(0, 0, 0, true));
        Assert.Equal(grasps ? 0 : -1, simulator.Scene.Gripper.Held);
        Assert.Equal(grasps ? 0.05f : 0, simulator.Scene.Gripper.Opening);
    }

    [Fact]
    public void Shut_fingers_must_open_before_they_can_grasp()
    {
        var simulator = new Simulator(Scene(new Point(0, 0.1f, 0.1f), Thing(RedCup, 0, 0)));
        simulator.Step(new RobotAction(0, 0, 0, true));
        simulator = new Simulator(simulator.Scene.With(simulator.Scene.Gripper with { Tool = new Point(0, 0, 0.052f) }));
        simulator.Step(new RobotAction(0, 0, -0.015f, true));
        Assert.Equal(-1, simulator.Scene.Gripper.Held);
    }

    [Fact]
    public void A_held_object_follows_the_tool_and_a_release_drops_it_onto_the_board()
    {
        var simulator = Holding(Thing(RedCup, 0.004f, 0));
        for (var i = 0; i < 3; i++)
            simulator.Step(new RobotAction(0.02f, 0, 0.03f, true));
        AssertNear(new Point(0.064f, 0, 0.09f), simulator.Scene.Objects[0].Position);
        simulator.Step(new RobotAction(0, 0, 0, false));
        AssertNear(new Point(0.064f, 0, 0), simulator.Scene.Objects[0].Position);
        Assert.Equal(-1, simulator.Scene.Gripper.Held);
    }

    [Theory]
    [InlineData(0.12f, TabletopObject.PlateHeight)]
    [InlineData(-0.12f, 0.06f)]
    [InlineData(0f, 0f)]
    public void A_release_drops_onto_whatever_is_below(float y, float expectedHeight)
    {
        var simulator = Holding(Thing(RedCup, 0, 0), Thing(GreenPlate, 0, 0.12f, 0.05f), Thing(BlueBall, 0, -0.12f, 0.03f));
        for (var i = 0; i < 4; i++)
            simulator.Step(new RobotAction(0, 0, 0.03f, true));
        for (var i = 0; i < 4; i++)
            simulator.Step(new RobotAction(0, y / 4, 0, true));
        simulator.Step(new RobotAction(0, 0, 0, false));
        Assert.Equal(expectedHeight, simulator.Scene.Objects[0].Position.Z, tolerance: 1e-6f);
    }

    [Fact]
    public void What_stood_on_an_object_falls_when_that_is_taken_away()
    {
        var stacked = Thing(BlueBall, 0, 0) with { Position = new Point(0, 0, 0.055f) };
        var simulator = new Simulator(Scene(new Point(0, 0, 0.1f), Thing(RedCup, 0, 0), stacked));
        Assert.Equal(0.055f, simulator.Scene.Objects[1].Position.Z, tolerance: 1e-6f);
        var apart = simulator.Scene.Objects.SetItem(0, Thing(RedCup, 0.1f, 0));
        Assert.Equal(0, new Simulator(new Scene(apart, simulator.Scene.Gripper)).Scene.Objects[1].Position.Z);
    }

    [Fact]
    public void A_held_object_does_not_sink_into_the_board_or_a_plate()
    {
        var simulator = Holding(Thing(RedCup, 0, 0), Thing(GreenPlate, 0, 0.1f, 0.05f));
        simulator.Step(new RobotAction(0, 0, -0.03f, true));
        Assert.Equal(0, simulator.Scene.Objects[0].Position.Z);
        for (var i = 0; i < 4; i++)
            simulator.Step(new RobotAction(0, 0.025f, 0, true));
        Assert.True(simulator.Scene.Objects[0].Position.Z >= TabletopObject.PlateHeight);
    }

    [Fact]
    public void Low_fingers_push_along_the_contact_normal_and_the_pushed_push_the_next()
    {
        var simulator = new Simulator(Scene(new Point(-0.1f, 0, 0.02f), Thing(RedCup, 0, 0), Thing(BlueBall, 0.06f, 0)));
        for (var i = 0; i < 3; i++)
            simulator.Step(new RobotAction(0.03f, 0, 0, true));
        // The shut fingers end at x = -0.01; their right edge is two radii (a centre, an edge) further right.
        var cup = simulator.Scene.Objects[0].Position;
        Assert.Equal(-0.01f + (2 * Gripper.FingerRadius) + 0.0275f, cup.X, tolerance: 1e-4f);
        Assert.Equal(0, cup.Y, tolerance: 1e-6f);
        Assert.Equal(MathF.Max(0.06f, cup.X + 0.055f), simulator.Scene.Objects[1].Position.X, tolerance: 1e-4f);
        Assert.True(simulator.Scene.Objects[1].Position.X > 0.06f);
    }

    [Fact]
    public void High_fingers_touch_nothing_and_plates_are_never_moved()
    {
        var simulator = new Simulator(Scene(new Point(-0.1f, 0, 0.08f), Thing(RedCup, 0, 0), Thing(GreenPlate, 0.1f, 0, 0.05f)));
        var before = simulator.Scene.Objects;
        for (var i = 0; i < 8; i++)
        {
            simulator.Step(new RobotAction(0.03f, 0, 0, false));
            Assert.Equal(-1, simulator.TouchedObject);
        }

        for (var i = 0; i < 3; i++)
            simulator.Step(new RobotAction(0, 0, -0.03f, true));
        Assert.Equal(before.ToArray(), simulator.Scene.Objects.ToArray());
    }

    [Fact]
    public void Commands_that_are_not_finite_are_refused()
    {
        var simulator = new Simulator(Scene(new Point(0, 0, 0.1f)));
        Assert.Throws<ArgumentException>(() => simulator.Step(new RobotAction(float.NaN, 0, 0, false)));
        Assert.Throws<ArgumentException>(() => simulator.Step(new RobotAction(0, 0, float.NegativeInfinity, false)));
    }

    [Fact]
    public void Nothing_leaves_the_board_whatever_the_hand_does()
    {
        var random = new RandomSource(11, RandomSource.SeedAlone);
        List<ObjectKind> kinds = [RedCup, BlueBall, new(ObjectColor.Yellow, ObjectShape.Cube), GreenPlate,
            new(ObjectColor.Purple, ObjectShape.Ball)];
        for (var episode = 0; episode < 100; episode++)
        {
            var simulator = new Simulator(SceneSampler.Place(random, kinds));
            var drift = new Point(random.NextSingle(-0.03f, 0.03f), random.NextSingle(-0.03f, 0.03f), 0);
            for (var step = 0; step < 60; step++)
            {
                simulator.Step(new RobotAction(
                    drift.X + random.NextSingle(-0.02f, 0.02f), drift.Y + random.NextSingle(-0.02f, 0.02f),
                        random.NextSingle(-0.03f, 0.02f), random.NextBool(0.5f)));
                Assert.All(simulator.Scene.Objects, thing => Assert.True(
                    MathF.Abs(thing.Position.X) + thing.Radius <= Board.HalfSide + 1e-5f
                    && MathF.Abs(thing.Position.Y) + thing.Radius <= Board.HalfSide + 1e-5f
                    && thing.Position.Z >= 0));
            }
        }
    }

    private static Scene Scene(Point tool, params TabletopObject[] objects) => new([.. objects], Gripper.OpenAt(tool));

    private static TabletopObject Thing(ObjectKind kind, float x, float y, float radius = 0.0275f) => new(kind, new Point(x, y, 0), radius);

    private static Simulator Holding(params TabletopObject[] objects)
    {
        var simulator = new Simulator(Scene(new Point(0, 0, 0.02f), objects));
        simulator.Step(new RobotAction(0, 0, 0, true));
        Assert.Equal(0, simulator.Scene.Gripper.Held);
        Assert.Equal(0, simulator.TouchedObject);
        return simulator;
    }

    private static void AssertNear(Point expected, Point actual) =>
        Assert.True(expected.DistanceTo(actual) < 1e-5f, $"expected {expected}, got {actual}");
}
