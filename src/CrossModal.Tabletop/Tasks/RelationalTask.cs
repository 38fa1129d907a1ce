using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Tabletop.Tasks;

/// <summary>*Relational*: pick up the object of a shape that stands in a relation to another object ("the cup left of the blue
/// cube").</summary>
internal sealed class RelationalTask : RobotTask
{
    private static readonly PickTask Pick = new();

    /// <inheritdoc/>
    public override string Name => "relational";

    /// <inheritdoc/>
    public override int MaxSteps => 80;

    /// <inheritdoc/>
    public override int HoldSteps => Pick.HoldSteps;

    /// <inheritdoc/>
    public override TaskSentences English { get; } = new(InstructionLanguage.English,
        ["pick up the {target shape} {relation} the {reference}", "grab the {target shape} {relation} the {reference}",
            "lift the {target shape} {relation} the {reference}", "take the {target shape} {relation} the {reference}"],
        ["lift up the {target shape} {relation} the {reference}", "take up the {target shape} {relation} the {reference}",
            "pick the {target shape} {relation} the {reference} up", "lift the {target shape} {relation} the {reference} up"]);

    /// <inheritdoc/>
    public override TaskSentences Chinese { get; } = new(InstructionLanguage.Chinese,
        ["拿起{reference}{relation}的{target shape}", "抓起{reference 的}{relation}的{target shape}",
            "举起{reference 的}{relation}的{target shape}", "把{reference}{relation}的{target shape}拿起来",
            "请拿起{reference}{relation}的{target shape}"],
        ["把{reference 的}{relation}的{target shape}抓起来", "把{reference}{relation}的{target shape}举起来",
            "请举起{reference}{relation}的{target shape}"]);

    /// <inheritdoc/>
    public override IReadOnlyList<Goal> Goals(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        List<Goal> goals = [];
        for (var reference = 0; reference < scene.Objects.Length; reference++)
        {
            if (!Reference.IsUnique(scene, reference))
                continue;
            for (var shape = ObjectShape.Cup; shape < ObjectShape.Plate; shape++)
            {
                // "The cup left of the blue cup" would name two objects by one word.
                if (shape == scene.Objects[reference].Kind.Shape)
                    continue;
                for (var relation = Relation.LeftOf; relation <= Relation.InFrontOf; relation++)
                {
                    var target = Reference.Resolve(scene, shape, relation, reference);
                    if (target >= 0)
                        goals.Add(new Goal(target, reference, relation));
                }
            }
        }

        return goals;
    }

    /// <inheritdoc/>
    public override bool IsReached(Scene start, Scene scene, Goal goal) => Pick.IsReached(start, scene, goal);

    /// <inheritdoc/>
    public override ExpertLabel Label(Scene scene, Goal goal) => GraspExpert.Act(scene, goal.Target);

    /// <inheritdoc/>
    public override float Distance(Scene start, Scene scene, Goal goal) => Pick.Distance(start, scene, goal);

    /// <summary>One over the number of things of the target's shape: a scene shows which shape it is about, since only that one is there
    /// three times.</summary>
    public override double Chance(Scene start, Goal goal)
    {
        ArgumentNullException.ThrowIfNull(start);
        return 1.0 / start.Objects.Count(thing => thing.Kind.Shape == start.Objects[goal.Target].Kind.Shape);
    }

    /// <inheritdoc/>
    protected override (Scene Scene, Goal Goal) Draw(RandomSource random, Split split, SceneOptions options) =>
        RelationalScenes.Draw(random, split, options, Name);
}
