using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;

namespace CrossModal.Policies;

/// <summary>What goes into a policy and comes out of it, by name and unit.</summary>
/// <param name="Actions">The numbers of an action, in their order; a policy that decides when to close the gripper has that last, as 0 or
/// 1.</param>
/// <param name="States">The numbers of the robot's state (proprioception), in their order.</param>
/// <param name="Cameras">The cameras, in the order of training.</param>
public sealed record PolicySignature(IReadOnlyList<Quantity> Actions, IReadOnlyList<Quantity> States, IReadOnlyList<string> Cameras)
{
    /// <summary>Numbered names for a policy whose training data names nothing.</summary>
    public static PolicySignature Unnamed(PolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicySignature(
            [.. Quantity.Numbered("action", options.Actions), .. options.Head.Points > 0 ? [Close] : Array.Empty<Quantity>()],
            Quantity.Numbered("state", options.Proprioception),
            [.. Enumerable.Range(0, options.Fusion.Views).Select(v => options.Fusion.Views == 1 ? "camera" : $"camera{v}")]);
    }

    /// <summary>Whether to close the gripper: 1 closes it, 0 opens it.</summary>
    public static Quantity Close { get; } = new("close", "0 or 1") { Least = 0, Most = 1 };

    /// <summary>The part of an action of a name: <c>direction</c>, <c>gripper</c>, or one of the continuous <see cref="Actions"/> with + or
    /// − before it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="continuous">How many numbers of an action are continuous; one more is the gripper.</param>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public ExplanationTarget Target(string name, int continuous)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == "direction") return ExplanationTarget.Direction;
        var (negative, gripper) = (name[0] is '-' or '−', Actions.Count > continuous);
        var bare = negative || name[0] == '+' ? name[1..] : name;
        var index = Actions.ToList().FindIndex(a => a.Name == bare);
        if (index >= continuous || (index < 0 && name == "gripper" && gripper)) return ExplanationTarget.Gripper;
        return index >= 0 ? ExplanationTarget.Dimension(index, negative) : throw new ArgumentException(
            $"an action has no part '{name}'; there are: direction, {(gripper ? "gripper, " : "")}{string.Join(", ", Actions.Take(continuous).Select(a => $"±{a.Name}"))}");
    }

    /// <summary>Refuses a signature that does not fit a policy.</summary>
    /// <exception cref="ShapeException">A count differs, or a name is empty or used twice.</exception>
    public void Check(PolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check("actions", Actions.Select(a => a.Name), options.Actions + (options.Head.Points > 0 ? 1 : 0));
        Check("states", States.Select(s => s.Name), options.Proprioception);
        Check("cameras", Cameras, options.Fusion.Views);
    }

    private static void Check(string what, IEnumerable<string> names, int count)
    {
        var all = names.ToList();
        if (all.Count != count)
            throw new ShapeException("PolicySignature", $"the signature names {all.Count} {what}, the policy has {count}");
        if (all.Any(string.IsNullOrWhiteSpace) || all.Distinct().Count() != count)
            throw new ShapeException("PolicySignature", $"the signature has an empty name among its {what}, or one twice");
    }
}
