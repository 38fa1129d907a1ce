using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>The steps of an episode in their order; of a live one further steps come, and the oldest are dropped.</summary>
/// <param name="id">Its name in addresses.</param>
/// <param name="name">What it is called.</param>
/// <param name="instruction">What the robot is to do.</param>
internal sealed class ViewedEpisode(string id, string name, string instruction)
{
    private readonly Lock _lock = new();
    private readonly List<ViewedStep> _steps = [];
    private int _first;

    /// <summary>Its name in addresses.</summary>
    public string Id { get; } = id;

    /// <summary>What it is called.</summary>
    public string Name { get; } = name;

    /// <summary>What the robot is to do.</summary>
    public string Instruction { get; } = instruction;

    /// <summary>An instruction that the policy is held against unless another is asked for; null for none.</summary>
    public string? Other { get; init; }

    /// <summary>The policy that acts in it; null when every policy is shown.</summary>
    public string? Policy { get; init; }

    /// <summary>What the recorded actions are.</summary>
    public RecordedBy RecordedBy { get; init; }

    /// <summary>How it ended; null when that is not known.</summary>
    public EpisodeOutcome? Outcome { get; init; }

    /// <summary>Steps in a second, Hz.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Steps of the robot's episode that came before the first one here: a page began to watch later.</summary>
    public int Before { get; init; }

    /// <summary>Bytes of the pictures that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Numbers of the first step that is kept and of the one after the last.</summary>
    public (int First, int End) Range
    {
        get
        {
            lock (_lock) return (_first, _first + _steps.Count);
        }
    }

    /// <summary>A step by its number; null when it is not kept, or not there.</summary>
    public ViewedStep? Find(int number)
    {
        lock (_lock) return number >= _first && number < _first + _steps.Count ? _steps[number - _first] : null;
    }

    /// <summary>The steps whose pictures a policy with past frames was also given at a step, the oldest first.</summary>
    /// <param name="number">Number of the step.</param>
    /// <param name="frames">How many past frames the policy takes.</param>
    /// <exception cref="RefusedException">One of them is not kept.</exception>
    public IReadOnlyList<ViewedStep> Past(int number, int frames)
    {
        var count = Math.Min(frames, Before + number);
        return [.. Enumerable.Range(number - count, count).Select(n => Find(n) ?? throw new RefusedException(Refusal.Unknown,
            $"the policy takes {frames} past frames, and those before step {number} were not kept"))];
    }

    /// <summary>Adds a step.</summary>
    public void Add(ViewedStep step)
    {
        lock (_lock)
        {
            _steps.Add(step);
            Bytes += step.Bytes;
        }
    }

    /// <summary>Drops the oldest step.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            if (_steps.Count == 0) return;
            Bytes -= _steps[0].Bytes;
            _steps.RemoveAt(0);
            _first++;
        }
    }
}

/// <summary>What the recorded actions of an episode are.</summary>
internal enum RecordedBy
{
    /// <summary>A data set's.</summary>
    Recording,

    /// <summary>An expert's, in the states that the policy came to.</summary>
    Expert,
}

/// <summary>How an episode ended.</summary>
/// <param name="Success">Whether its goal was reached.</param>
/// <param name="Reason">Why not, a name such as <c>Timeout</c>.</param>
internal sealed record EpisodeOutcome(bool Success, string Reason);
