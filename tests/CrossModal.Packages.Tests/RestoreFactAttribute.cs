using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace CrossModal.Packages.Tests;

/// <summary>A test that packs and restores; skipped where there is no SDK, or the packages of others were not restored here.</summary>
internal sealed class RestoreFactAttribute([CallerMemberName] string test = "") : OptionalFact(Missing.Value, test)
{
    private static readonly Lazy<string?> Missing = new(() =>
    {
        try
        {
            var sdks = Shell.Run(Path.GetTempPath(), Path.GetTempPath(), "dotnet", "--list-sdks").Output;
            if (!sdks.Split('\n').Any(line => line.StartsWith("10.", StringComparison.Ordinal))) return "there is no .NET 10 SDK";
        }
        catch (Win32Exception)
        {
            return "there is no dotnet on the path";
        }

        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Directory.Exists(Path.Combine(packages, "system.numerics.tensors")) ? null : $"nothing was restored to {packages}";
    });
}
