using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>Changes parameters by their gradients, keeping a state per parameter; a parameter without a gradient is left as it
/// is.</summary>
/// <remarks>Steps follow torch.optim (1.13). They work in place, allocate nothing, and are the same bits for the same input.</remarks>
public abstract class Optimizer
{
    private const string StepKey = "step";
    private readonly string[] _stateNames;
    private readonly List<Slot> _slots = [];

    /// <summary>Prepares the state.</summary>
    /// <param name="groups">What to optimise.</param>
    /// <param name="learningRate">Learning rate before group factors and schedule.</param>
    /// <param name="stateNames">Name of each array kept per parameter, as in torch's state dictionaries.</param>
    /// <exception cref="ArgumentException">A parameter or a name is given twice, or a number is negative or not finite.</exception>
    protected Optimizer(IReadOnlyList<ParameterGroup> groups, double learningRate, params ReadOnlySpan<string> stateNames)
    {
        ArgumentNullException.ThrowIfNull(groups);
        Require(IsStrength(learningRate), $"the learning rate must be at least 0 and finite, got {learningRate}");
        Groups = groups;
        LearningRate = learningRate;
        _stateNames = stateNames.ToArray();
        var names = new HashSet<string>();
        var tensors = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var group in groups)
        {
            Require(IsStrength(group.WeightDecay), $"the weight decay must be at least 0 and finite, got {group.WeightDecay}");
            Require(IsStrength(group.LearningRateFactor),
                $"the learning rate factor must be at least 0 and finite, got {group.LearningRateFactor}");
            foreach (var (name, tensor) in group.Parameters)
            {
                Require(names.Add(name) && tensors.Add(tensor), $"the parameter '{name}' is given twice");
                _slots.Add(new Slot(name, tensor, group, Array.ConvertAll(_stateNames, _ => new float[tensor.Shape.Length])));
            }
        }
    }

    /// <summary>What is optimised.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The learning rate before group factors and schedule.</summary>
    public double LearningRate { get; }

    /// <summary>The parameters that steps change: those given, without the frozen ones.</summary>
    public IEnumerable<Tensor> Trained => _slots.Where(slot => slot.Parameter.RequiresGradient).Select(slot => slot.Parameter);

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="gradients">Gradients of the loss.</param>
    /// <param name="learningRateFactor">What the schedule multiplies the learning rate by.</param>
    /// <exception cref="ArgumentException">The factor is negative or not finite.</exception>
    public void Step(Gradients gradients, double learningRateFactor = 1) => Step(gradients, learningRateFactor, Workers.Single);

    /// <summary>The same on several threads, if the updates allow it; any number gives the same bits.</summary>
    internal void Step(Gradients gradients, double learningRateFactor, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        // Asked first, so that a step allocates nothing.
        if (!IsStrength(learningRateFactor))
            Require(false, $"the factor of the learning rate must be at least 0 and finite, got {learningRateFactor}");
        var job = new Job(this, gradients, learningRateFactor);
        (UpdatesSideBySide ? workers : Workers.Single).Run(_slots.Count, ref job);
    }

    /// <summary>A copy of the state: <c>fc1.weight.exp_avg</c>, …, and <c>fc1.weight.step</c>, the number of updates.</summary>
    public IReadOnlyDictionary<string, StoredArray> ExportState()
    {
        var state = new OrderedDictionary<string, StoredArray>();
        foreach (var slot in _slots)
        {
            state.Add($"{slot.Name}.{StepKey}", StoredArray.From([slot.Steps]));
            for (var i = 0; i < _stateNames.Length; i++)
                state.Add($"{slot.Name}.{_stateNames[i]}", StoredArray.From(slot.State[i], slot.Parameter.Shape.Sizes.ToArray()));
        }

        return state;
    }

    /// <summary>Takes over a state that <see cref="ExportState"/> gave; after an exception the state is as it was.</summary>
    /// <exception cref="ShapeException">Entries are missing, unexpected, or of another shape; the message names five of each kind and says
    /// how many more.</exception>
    public void ImportState(IReadOnlyDictionary<string, StoredArray> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var problems = new ParameterProblems();
        var expected = new HashSet<string>();
        foreach (var slot in _slots)
        {
            Check($"{slot.Name}.{StepKey}", Shape.Scalar);
            foreach (var name in _stateNames) Check($"{slot.Name}.{name}", slot.Parameter.Shape);
        }

        foreach (var key in state.Keys.Where(key => !expected.Contains(key))) problems.Unexpected(key);
        if (problems.Any) throw new ShapeException(GetType().Name, $"the state does not match: {problems}");
        foreach (var slot in _slots)
        {
            slot.Steps = (long)state[$"{slot.Name}.{StepKey}"].ToDoubles()[0];
            for (var i = 0; i < _stateNames.Length; i++) state[$"{slot.Name}.{_stateNames[i]}"].ToSingles().CopyTo(slot.State[i], 0);
        }

        void Check(string key, Shape shape)
        {
            expected.Add(key);
            if (!state.TryGetValue(key, out var value)) problems.Missing(key, shape);
            else if (!value.Shape.SequenceEqual(shape.Sizes)) problems.Differs(key, Shape.Of(value.Shape), shape);
        }
    }

    /// <summary>How many numbers of state are kept.</summary>
    internal long StateLength => _slots.Sum(slot => slot.State.Sum(state => (long)state.Length));

    /// <summary>Keeps the state of some parameters and gives back the memory of the others', which other ranks update.</summary>
    internal void KeepOnly(Func<Tensor, bool> kept)
    {
        foreach (var slot in _slots)
            if (slot.Parameter.RequiresGradient && !kept(slot.Parameter)) slot.State = [];
    }

    /// <summary>Gathers on rank 0 the state that every rank keeps of its parameters.</summary>
    internal void Collect(TrainingRanks ranks, Func<Tensor, int> ownerOf)
    {
        var steps = ranks.Gather(MemoryMarshal.AsBytes<long>([.. _slots.Select(slot => slot.Steps)]));
        for (var i = 0; i < _slots.Count; i++)
        {
            var slot = _slots[i];
            if (!slot.Parameter.RequiresGradient) continue;
            var (owner, collected) = (ownerOf(slot.Parameter), slot.State);
            if (owner != ranks.Rank) collected = Array.ConvertAll(_stateNames, _ => new float[slot.Parameter.Shape.Length]);
            foreach (var state in collected) ranks.Broadcast(state, owner);
            if (ranks.Rank != 0) continue;
            slot.State = collected;
            slot.Steps = MemoryMarshal.Cast<byte, long>(steps[owner])[i];
        }
    }

    /// <summary>Whether parameters may be updated on several threads: an update touches nothing but what it is given.</summary>
    private protected virtual bool UpdatesSideBySide => false;

    /// <summary>Updates one parameter and its state in place.</summary>
    private protected abstract void Update(in ParameterUpdate update);

    /// <summary>Throws an exception that names this optimiser unless a condition holds.</summary>
    /// <exception cref="ArgumentException">It does not hold.</exception>
    protected void Require([DoesNotReturnIf(false)] bool condition, FormattableString otherwise)
    {
        if (!condition) throw new ArgumentException($"{GetType().Name}: {FormattableString.Invariant(otherwise)}");
    }

    // Steps are in single precision: what is infinite there is refused as well.
    private static bool IsStrength(double number) => number is >= 0 and <= float.MaxValue;

    private void Update(Slot slot, ReadOnlySpan<float> gradient, double factor) => Update(new ParameterUpdate
    {
        Parameter = slot.Parameter.Span,
        Gradient = gradient,
        State = slot.State,
        Step = ++slot.Steps,
        LearningRate = LearningRate * slot.Group.LearningRateFactor * factor,
        WeightDecay = slot.Group.WeightDecay,
    });

    private readonly struct Job(Optimizer optimizer, Gradients gradients, double factor) : IWorkBody
    {
        public void Execute(int part)
        {
            var slot = optimizer._slots[part];
            if (gradients.TryGet(slot.Parameter, out var gradient)) optimizer.Update(slot, gradient.Span, factor);
        }
    }

    private sealed class Slot(string name, Tensor parameter, ParameterGroup group, float[][] state)
    {
        public string Name => name;

        public Tensor Parameter => parameter;

        public ParameterGroup Group => group;

        public float[][] State { get; set; } = state;

        public long Steps { get; set; }
    }
}
