using Microsoft.Extensions.Logging;

namespace CrossModal.Server.Operations;

/// <summary>The lines of a server's log.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "policy {Policy} is ready")]
    public static partial void Ready(this ILogger logger, string policy);

    [LoggerMessage(2, LogLevel.Information, "{Client} connected")]
    public static partial void Connected(this ILogger logger, string client);

    [LoggerMessage(3, LogLevel.Information, "{Client} left")]
    public static partial void Left(this ILogger logger, string client);

    [LoggerMessage(4, LogLevel.Warning, "{Wire}: {Client} was refused: {Reason}")]
    public static partial void Refused(this ILogger logger, string wire, string client, string reason);

    [LoggerMessage(5, LogLevel.Information, "policy {Policy} was loaded again")]
    public static partial void Reloaded(this ILogger logger, string policy);

    [LoggerMessage(6, LogLevel.Error, "policy {Policy} stays as it is: {Reason}")]
    public static partial void NotReloaded(this ILogger logger, string policy, string reason);
}
