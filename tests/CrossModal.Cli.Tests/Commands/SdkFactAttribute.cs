using System.ComponentModel;
using System.Runtime.CompilerServices;
using CrossModal.Cli.Tests.Hosting;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>A test that builds a project; skipped where there is no SDK to build it with.</summary>
internal sealed class SdkFactAttribute([CallerMemberName] string test = "") : OptionalFact(Missing.Value, test)
{
    private static readonly Lazy<string?> Missing = new(() =>
    {
        try
        {
            return ToolRun.Started("dotnet", Path.GetTempPath(), "--list-sdks").Output.Split('\n')
                .Any(line => line.StartsWith("10.", StringComparison.Ordinal))
                ? null : "there is no .NET 10 SDK";
        }
        catch (Win32Exception)
        {
            return "there is no dotnet on the path";
        }
    });
}
