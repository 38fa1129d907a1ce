using CrossModal.Engine.Kernels;

namespace CrossModal.Policies;

/// <summary>How a policy is run.</summary>
public sealed record PolicyRunOptions
{
    /// <summary>The threads a step may use; <see cref="Workers.Single"/> when null.</summary>
    public Workers? Workers { get; init; }

    /// <summary>Whether actions are limited to the range of the training data; <see cref="Decision.Clipped"/> says which were.</summary>
    public bool Clip { get; init; }

    /// <summary>Whether the last picture of every camera is copied, so that <see cref="Policy.Explain(string, string?, string?)"/> draws
    /// over it; otherwise it draws over the resized input.</summary>
    public bool KeepFrames { get; init; } = true;

    /// <summary>Whether the monitor that lies beside the policy, if there is one, scores every step
    /// (<see cref="Decision.Monitor"/>).</summary>
    public bool Monitor { get; init; } = true;
}
