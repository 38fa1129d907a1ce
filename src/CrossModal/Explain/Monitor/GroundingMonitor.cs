using CrossModal.Engine.Formats;

namespace CrossModal.Explain.Monitor;

/// <summary>Says at every step of a control loop how likely the episode is to fail because the instruction is not followed, and when to
/// stop: a small network over a running window of what the compiled step computed anyway.</summary>
/// <remarks>
/// It is fitted to recorded episodes of one policy (<c>crossmodal monitor fit</c>) and lies beside it. The threshold is the exact
/// finite-sample conformal rank over successes: of new successes like those, at most <see cref="Alpha"/> are stopped by mistake. For one
/// thread at a time; allocates nothing.
/// </remarks>
public sealed class GroundingMonitor
{
    private readonly MonitorNetwork _network;
    private readonly MonitorWindow _window;
    private readonly MonitorFile _file;

    internal GroundingMonitor(MonitorFile file)
    {
        _file = file;
        (_network, _window) = (file.Network.Share(), new MonitorWindow(file.Layout));
    }

    /// <summary>Probability of failure by the last step, 0 to 1; 0 before the first.</summary>
    public float Score { get; private set; }

    /// <summary>The largest score since the episode began, which is held against <see cref="Threshold"/>.</summary>
    public float Highest { get; private set; }

    /// <summary>Whether any score since the episode began was above the threshold.</summary>
    public bool Stop => Highest > Threshold;

    /// <summary>The score above which an episode is stopped.</summary>
    public float Threshold => _file.Threshold;

    /// <summary>Largest share of successes that are stopped by mistake.</summary>
    public double Alpha => _file.Alpha;

    /// <summary>Successes the threshold was found from.</summary>
    public int Calibrated => _file.Calibrated;

    /// <summary>Steps since the episode began.</summary>
    public int Steps => _window.Steps;

    /// <summary>Whether the next step is to compute its counterfactual effect.</summary>
    internal bool NeedsEffect => _file.Layout.HasEffectAt(_window.Steps);

    /// <summary>How the numbers of a step lie.</summary>
    internal MonitorLayout Layout => _file.Layout;

    /// <summary>Loads the monitor that lies beside a policy.</summary>
    /// <param name="folder">Folder of the policy.</param>
    /// <exception cref="FileFormatException">It is missing, damaged, or was fitted to other weights than those beside it; the message names
    /// the file.</exception>
    public static GroundingMonitor Load(string folder) => new(MonitorFile.Load(folder));

    /// <summary>Begins an episode; setting an instruction of the policy does so too.</summary>
    public void Restart()
    {
        (Score, Highest) = (0, 0);
        _window.Restart();
    }

    /// <summary>Takes a step.</summary>
    /// <param name="signals">What the step gave, as the layout says.</param>
    internal void Observe(ReadOnlySpan<float> signals)
    {
        Score = MonitorNetwork.Probability(_network.Logit(_window.Next(signals)));
        Highest = MathF.Max(Highest, Score);
    }

    /// <summary>The same monitor at the beginning of an episode, for another thread.</summary>
    internal GroundingMonitor Share() => new(_file);
}
