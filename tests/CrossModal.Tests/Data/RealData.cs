using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Data;

/// <summary>Where real recordings lie: in the folder named by CROSSMODAL_REALDATA, or <c>shared/realdata</c> beside this repository.</summary>
internal static class RealData
{
    /// <summary>25 episodes of BridgeData, or null when they are not there.</summary>
    public static string? BridgeEpisodes
    {
        get
        {
            var named = Environment.GetEnvironmentVariable("CROSSMODAL_REALDATA");
            for (var folder = new DirectoryInfo(ReferenceFolders.Repository); named is null && folder is not null; folder = folder.Parent)
                if (Directory.Exists(Path.Combine(folder.FullName, "shared", "realdata"))) named = Path.Combine(folder.FullName, "shared", "realdata");
            var episodes = Path.Combine(named ?? "", "bridge_episodes");
            return Directory.Exists(episodes) ? episodes : null;
        }
    }
}
