using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tests.Scenes;

public sealed class SceneTests
{
    private static readonly ObjectKind RedCup = new(ObjectColor.Red, ObjectShape.Cup);

    [Fact]
    public void An_object_off_the_board_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new Scene([new TabletopObject(RedCup, new Point(0.3f, 0, 0), 0.03f)], Gripper.OpenAt(new Point(0, 0, 0.1f))));
        Assert.Contains("red cup", error.Message);
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(0, float.PositiveInfinity)]
    public void Numbers_that_are_not_finite_are_refused(float x, float z) =>
        Assert.Throws<ArgumentException>(() => new Scene([new TabletopObject(RedCup, new Point(x, 0, z), 0.03f)],
            Gripper.OpenAt(new Point(0, 0, 0.1f))));

    [Fact]
    public void Holding_an_object_that_is_not_there_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Scene([], new Gripper(new Point(0, 0, 0.1f), 0.05f, 0)));

    [Fact]
    public void Starting_objects_keep_their_clearance_and_stay_on_the_board()
    {
        var random = new RandomSource(2, RandomSource.SeedAlone);
        List<ObjectKind> kinds = [RedCup, new(ObjectColor.Blue, ObjectShape.Plate), new(ObjectColor.Red, ObjectShape.Ball),
            new(ObjectColor.Green, ObjectShape.Cup)];
        for (var i = 0; i < 500; i++)
        {
            var objects = SceneSampler.Place(random, kinds).Objects;
            for (var a = 0; a < objects.Length; a++)
            {
                Assert.True(MathF.Abs(objects[a].Position.X) + objects[a].Radius <= Board.HalfSide + 1e-6f);
                Assert.True(MathF.Abs(objects[a].Position.Y) + objects[a].Radius <= Board.HalfSide + 1e-6f);
                for (var b = 0; b < a; b++)
                    Assert.True(objects[a].Position.HorizontalDistanceTo(objects[b].Position) >= objects[a].Radius + objects[b].Radius
                        + 0.0099f);
            }
        }
    }

    [Fact]
    public void A_full_scene_has_a_distractor_of_each_sort_and_a_pair_has_one()
    {
        var random = new RandomSource(3, RandomSource.SeedAlone);
        var allowed = HeldOutPairs.Training;
        for (var i = 0; i < 500; i++)
        {
            var target = allowed[random.NextInt(allowed.Count)];
            var kinds = SceneSampler.Compose(random, target, 2 + (i % 4), allowed);
            var sameColor = kinds.Any(kind => kind.Color == target.Color && kind.Shape != target.Shape);
            var sameShape = kinds.Any(kind => kind.Shape == target.Shape && kind.Color != target.Color);
            Assert.True(kinds.Count == 2 ? sameColor != sameShape : sameColor && sameShape);
            Assert.Equal(kinds.Count, kinds.Distinct().Count());
            Assert.True(kinds.Count < 4 || kinds[..4].Select(kind => kind.Color).Distinct().Count() == 2
                && kinds[..4].Select(kind => kind.Shape).Distinct().Count() == 2);
        }
    }
}
