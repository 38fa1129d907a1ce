namespace CrossModal.Server.Viewing;

/// <summary>Where the viewer's episodes come from: recordings, rollouts, or what clients send now.</summary>
internal interface IEpisodeSource
{
    /// <summary>Whether further steps and episodes come while the page is open.</summary>
    bool IsLive { get; }

    /// <summary>What is shown, for the page's title.</summary>
    string Title { get; }

    /// <summary>The cameras of every step, in their order.</summary>
    /// <param name="policy">The policy that acts; null for any.</param>
    IReadOnlyList<string> Cameras(string? policy);

    /// <summary>Names and units of the numbers of an action.</summary>
    /// <param name="policy">The policy that acts; null for any.</param>
    IReadOnlyList<Data.Quantity> Actions(string? policy);

    /// <summary>The episodes there are.</summary>
    IReadOnlyList<EpisodeHead> List();

    /// <summary>An episode with its steps; null when there is none of that name.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">It is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    ViewedEpisode? Open(string id);
}

/// <summary>What is known of an episode before it is opened.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Instruction">What the robot is to do.</param>
/// <param name="Length">Steps; null before they are counted.</param>
/// <param name="Outcome">How it ended; null when that is not known.</param>
internal sealed record EpisodeHead(string Id, string Name, string Instruction, int? Length, EpisodeOutcome? Outcome);
