using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Runs the kernel tests again in a child process with instruction sets switched off.</summary>
public sealed class Kernels_without_vector_instructions
{
    /// <summary>Set in the child to the switch it was started with.</summary>
    internal const string Mark = "CROSSMODAL_TESTS_WITHOUT";

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Every_kernel_test_passes_without(string instructions)
    {
        Assert.True(Environment.GetEnvironmentVariable(Mark) is null, "the child must run kernel tests only, not start another child");
        var start = new ProcessStartInfo("dotnet",
            ["vstest", typeof(Kernels_without_vector_instructions).Assembly.Location, "--TestCaseFilter:Category=Kernel"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[instructions] = "0";
        start.Environment[Mark] = instructions;
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await child.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail("not done after five minutes: " + await output);
        }

        var text = await output + await errors;
        Assert.True(child.ExitCode == 0, text);
        var passed = Regex.Match(text, @"Passed:\s*(\d+)");
        Assert.True(passed.Success && int.Parse(passed.Groups[1].Value, CultureInfo.InvariantCulture) > 50, text);
    }
}
