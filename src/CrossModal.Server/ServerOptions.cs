namespace CrossModal.Server;

/// <summary>What a server serves, and how.</summary>
public sealed record ServerOptions
{
    /// <summary>The folders of trained policies by the names they are served under; the first is the one for clients that name
    /// none.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Policies { get; init; }

    /// <summary>Where it listens, and who may use it.</summary>
    public ServerListen Listen { get; init; } = new();

    /// <summary>The bounds.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Where clients' messages hold pictures, states and the instruction: <c>own</c> (the policy's own names, <c>state</c> and
    /// <c>prompt</c>), <c>libero</c>, <c>droid</c>, <c>aloha</c>, or a JSON file.</summary>
    public string Mapping { get; init; } = "own";

    /// <summary>Whether actions are limited to the range of the training data instead of refused outside it.</summary>
    public bool Clip { get; init; }

    /// <summary>The threads of a step.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Whether log lines are JSON.</summary>
    public bool JsonLog { get; init; }

    /// <summary>Whether replies say what the monitor that was fitted to the policy and lies beside it (<c>crossmodal monitor fit</c>) makes
    /// of the episode: its score, and whether to stop.</summary>
    public bool Monitor { get; init; }
}
