using CrossModal.Explain;

namespace CrossModal.Policies;

/// <summary>A step of a policy that can be explained, and the test that maps of it are put to.</summary>
public sealed class StepExplanation
{
    private readonly Func<ExplainedDecision> _make;
    private readonly Lazy<ExplainedDecision> _decision;
    private readonly Lazy<FaithfulnessTest> _test;

    internal StepExplanation(ExplanationTarget target, Func<ExplainedDecision> decision)
    {
        (Target, _make, _decision) = (target, decision, new(decision));
        _test = new(() => new FaithfulnessTest(Decision));
    }

    /// <summary>What of the action is explained.</summary>
    public ExplanationTarget Target { get; }

    /// <summary>The decision, for any <see cref="IMapMethod"/>; computed when it is first asked for.</summary>
    /// <exception cref="NotSupportedException">The policy decides on nothing of the kind asked about.</exception>
    public ExplainedDecision Decision => _decision.Value;

    /// <summary>The decision on the same pictures made again, with the weights the policy has now
    /// (<see cref="WeightRandomization"/>).</summary>
    /// <exception cref="NotSupportedException">The policy decides on nothing of the kind asked about.</exception>
    public ExplainedDecision Again() => _make();

    /// <summary>The test with its usual settings; what all maps have in common is measured at first use.</summary>
    public FaithfulnessTest Faithfulness => _test.Value;
}
