using System.Numerics.Tensors;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Training;

/// <summary>An exponential moving average of a module's parameters, often better than the last ones (Polyak and Juditsky 1992).</summary>
/// <remarks>a ← d·a + (1 − d)·w, with d = min(decay, (1 + n)/(10 + n)) at update n = 1, 2, … so that the first weights are soon forgotten.
/// Parameters that are frozen when the average is made are left out.</remarks>
public sealed class WeightAverage
{
    private readonly KeyValuePair<string, Tensor>[] _parameters;
    private readonly Dictionary<string, Tensor> _averages;
    private bool _swapped;

    /// <summary>Starts at the module's present parameters.</summary>
    /// <param name="module">The module to follow.</param>
    /// <param name="decay">Largest share of the old average that stays at an update, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The decay is not in [0, 1).</exception>
    public WeightAverage(Module module, double decay)
        : this(module, decay, Trainable(module))
    {
    }

    /// <summary>The same, averaging given parameters alone.</summary>
    internal WeightAverage(Module module, double decay, IEnumerable<Tensor> trained)
    {
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay),
            FormattableString.Invariant($"WeightAverage: the decay must be in [0, 1), got {decay}"));
        Decay = decay;
        var averaged = new HashSet<Tensor>(trained, ReferenceEqualityComparer.Instance);
        _parameters = [.. module.Parameters().Where(p => averaged.Contains(p.Value))];

        // What is not trained is its own average.
        _averages = module.Parameters().ToDictionary(p => p.Key, p => averaged.Contains(p.Value) ? p.Value.Copy() : p.Value);
    }

    /// <summary>Largest share of the old average that stays at an update.</summary>
    public double Decay { get; }

    /// <summary>Updates so far.</summary>
    public long Updates { get; private set; }

    /// <summary>The averages by parameter name; of what is not trained, the parameter itself.</summary>
    public IReadOnlyDictionary<string, Tensor> Values => _averages;

    /// <summary>Moves the averages towards the module's present parameters.</summary>
    /// <exception cref="InvalidOperationException">The averages are swapped in.</exception>
    public void Update()
    {
        RefuseWhileSwapped("updated");
        Updates++;
        var share = (float)(1 - Math.Min(Decay, (1.0 + Updates) / (10.0 + Updates)));
        foreach (var (name, parameter) in _parameters)
        {
            var average = _averages[name].Span;
            TensorPrimitives.Lerp(average, parameter.Span, share, average);
        }
    }

    /// <summary>Exchanges the module's parameters with the averages until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">They are swapped in already.</exception>
    public IDisposable SwapIn()
    {
        RefuseWhileSwapped("swapped in again");
        Exchange();
        _swapped = true;
        return new SwapBack(this);
    }

    /// <summary>Copies the averages into a module of the same parameters.</summary>
    /// <exception cref="ShapeException">The parameters are not the same.</exception>
    /// <exception cref="InvalidOperationException">The averages are swapped in.</exception>
    public void CopyTo(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        RefuseWhileSwapped("copied");
        module.Load(_averages);
    }

    /// <summary>Takes over saved averages.</summary>
    /// <exception cref="ShapeException">Names are missing or unexpected, or shapes differ; nothing was copied.</exception>
    internal void Restore(IReadOnlyDictionary<string, Tensor> averages, long updates)
    {
        RefuseWhileSwapped("restored");
        var problems = new ParameterProblems();
        foreach (var (name, average) in _averages)
        {
            if (!averages.TryGetValue(name, out var value)) problems.Missing(name, average.Shape);
            else if (value.Shape != average.Shape) problems.Differs(name, value.Shape, average.Shape);
        }

        foreach (var name in averages.Keys.Where(name => !_averages.ContainsKey(name))) problems.Unexpected(name);
        if (problems.Any) throw new ShapeException(nameof(WeightAverage), $"the averages do not match: {problems}");
        foreach (var (name, _) in _parameters) averages[name].Span.CopyTo(_averages[name].Span);
        Updates = updates;
    }

    internal void RefuseWhileSwapped(string action)
    {
        if (_swapped) throw new InvalidOperationException($"WeightAverage: the averages cannot be {action} while they are swapped in");
    }

    private static IEnumerable<Tensor> Trainable(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Parameters().Select(p => p.Value).Where(parameter => parameter.RequiresGradient);
    }

    private void Exchange()
    {
        // A tied parameter appears under two names; exchanging it twice would undo the exchange.
        var done = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in _parameters)
        {
            if (!done.Add(parameter)) continue;
            var weights = parameter.ToArray();
            var average = _averages[name].Span;
            average.CopyTo(parameter.Span);
            weights.CopyTo(average);
        }
    }

    private sealed class SwapBack(WeightAverage average) : IDisposable
    {
        private bool _done;

        public void Dispose()
        {
            if (_done) return;
            _done = true;
            average.Exchange();
            average._swapped = false;
        }
    }
}
