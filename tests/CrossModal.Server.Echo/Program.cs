using System.Globalization;
using CrossModal.Server;
using CrossModal.Server.Tests;

// Serves on the port that is given until it is killed.
var options = new ServerOptions
{
    Policies = [new("echo", "folder")],
    Listen = new ServerListen { Port = int.Parse(args[0], CultureInfo.InvariantCulture) },
    Limits = new ServerLimits { LongestWait = TimeSpan.FromSeconds(30) },
};
await using var server = await PolicyServer.StartAsync(options, _ => new EchoModel { Takes = TimeSpan.FromMilliseconds(2) });
await server.WaitUntilReadyAsync();
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);

/// <summary>Stays internal: ASP.NET Core would make it public.</summary>
internal sealed partial class Program;
