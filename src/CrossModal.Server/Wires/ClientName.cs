using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>Whose request it is: the name of its key, or else its connection.</summary>
internal static class ClientName
{
    /// <summary>Where the name of a checked key is kept.</summary>
    public const string Item = "CrossModal.Key";

    /// <summary>A name that requests of one client share.</summary>
    public static string Of(HttpContext context) => context.Items[Item] is string key
        ? $"key {key} {context.Connection.RemoteIpAddress}" : $"address {context.Connection.RemoteIpAddress}";

    /// <summary>A name of its own for a connection that stays open.</summary>
    public static string OfConnection(HttpContext context) => $"connection {context.Connection.Id}";
}
