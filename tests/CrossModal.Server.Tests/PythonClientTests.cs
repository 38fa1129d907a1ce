using System.Diagnostics;

namespace CrossModal.Server.Tests;

public sealed class PythonClientTests
{
    [PythonFact]
    public async Task A_Python_client_with_msgpack_and_websockets_gets_its_actions()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        var start = new ProcessStartInfo(PythonFact.Python,
            [Path.Combine(AppContext.BaseDirectory, "openpi_client.py"), server.Socket.ToString()])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        Assert.Equal("echo\n(1, 2) [[0.0, 0.0]]\n(1, 2) [[1.0, 10.0]]\n(1, 2) [[2.0, 20.0]]\n", output);
    }

    private sealed class PythonFact : FactAttribute
    {
        public const string Python = "/usr/bin/python3";

        private static readonly Lazy<string?> Missing = new(() =>
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import msgpack, numpy, websockets"])
                { RedirectStandardError = true })!;
                process.WaitForExit();
                return process.ExitCode == 0 ? null : "Python's msgpack, numpy and websockets are not installed";
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return "Python is not installed";
            }
        });

        public PythonFact([System.Runtime.CompilerServices.CallerMemberName] string test = "")
        {
            if (Missing.Value is { } missing) (Skip, DisplayName) = (missing, $"{test}: {missing}");
        }
    }
}
