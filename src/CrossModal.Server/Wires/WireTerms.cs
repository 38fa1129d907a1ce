namespace CrossModal.Server.Wires;

/// <summary>What a wire is called, and how its clients begin an episode.</summary>
/// <param name="Name">Its name, for metrics.</param>
/// <param name="Begins">What the first observation of an episode has, for messages.</param>
internal sealed record WireTerms(string Name, string Begins)
{
    /// <summary>openpi's WebSocket, whose connection is an episode.</summary>
    public static WireTerms OpenPi { get; } = new("openpi", "'reset': true");

    /// <summary>OpenVLA's <c>POST /act</c>.</summary>
    public static WireTerms Act { get; } = new("act", "its name as 'episode', the same for all of its observations, and 'reset': true");

    /// <summary>KServe, version 2.</summary>
    public static WireTerms KServe { get; } = new("kserve",
        "the parameters 'sequence_id', the same for all of its requests, and 'sequence_start': true");
}
