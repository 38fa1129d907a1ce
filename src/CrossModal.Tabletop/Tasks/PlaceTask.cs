using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>*Place* X on Y: let the object go so that it rests within 3 cm of the plate's centre. Two plates of different colours are
/// there.</summary>
internal sealed class PlaceTask : RobotTask
{
    /// <inheritdoc/>
    public override string Name => "place";

    /// <inheritdoc/>
    public override int MaxSteps => 80;

    /// <inheritdoc/>
    public override int HoldSteps => 1;

    /// <inheritdoc/>
    public override TaskSentences English { get; } = new(InstructionLanguage.English,
        ["place the {target} on the {reference}", "put the {target} on the {reference}", "set the {target} on the {reference}",
            "move the {target} onto the {reference}"],
        ["place the {target} onto the {reference}", "move the {target} on the {reference}", "on the {reference} put the {target}",
            "onto the {reference} set the {target}"]);

    /// <inheritdoc/>
    public override TaskSentences Chinese { get; } = new(InstructionLanguage.Chinese,
        ["把{target}放到{reference}上", "把{target 的}放在{reference 的}上", "将{target}放在{reference 的}上面", "把{target 的}移到{reference}上面",
            "请把{target}放到{reference}上面"],
        ["将{target 的}放到{reference}上", "将{target}移到{reference 的}上", "请将{target}放在{reference}上", "把{target 的}放在{reference}上面"]);

    /// <inheritdoc/>
    public override IReadOnlyList<Goal> Goals(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var unique = Enumerable.Range(0, scene.Objects.Length).Where(i => Reference.IsUnique(scene, i)).ToArray();
        return
        [
            .. from target in unique
               from plate in unique
               where !scene.Objects[target].IsPlate && scene.Objects[plate].IsPlate
               select new Goal(target, plate),
        ];
    }

    /// <inheritdoc/>
    public override bool IsReached(Scene start, Scene scene, Goal goal) => PlaceExpert.IsPlaced(scene, goal.Target, goal.Reference);

    /// <inheritdoc/>
    public override ExpertLabel Label(Scene scene, Goal goal) => PlaceExpert.Act(scene, goal.Target, goal.Reference);

    /// <inheritdoc/>
    public override float Distance(Scene start, Scene scene, Goal goal)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return scene.Objects[goal.Target].Position.HorizontalDistanceTo(scene.Objects[goal.Reference].Position);
    }

    /// <inheritdoc/>
    protected override (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options)
    {
        var target = split.DrawTarget(random, Name);
        var kinds = SceneSampler.Compose(random, target, options.DrawCount(random), split.Companions).ToArray();
        random.Shuffle<ObjectKind>(kinds);
        var first = random.NextInt(ObjectKind.ColorCount);
        var second = (first + 1 + random.NextInt(ObjectKind.ColorCount - 1)) % ObjectKind.ColorCount;
        // Plates come first because they need the most room.
        ObjectKind[] all = [new((ObjectColor)first, ObjectShape.Plate), new((ObjectColor)second, ObjectShape.Plate), .. kinds];
        var index = Array.IndexOf(all, target);
        return (split.Place(random, all, index), new Goal(index, random.NextInt(2)));
    }
}
