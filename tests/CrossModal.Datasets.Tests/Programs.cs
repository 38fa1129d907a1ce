using System.Diagnostics;
using CrossModal.Datasets;
using CrossModal.Imaging;

namespace CrossModal.Tests;

/// <summary>Programs that some tests compare with.</summary>
internal static class Programs
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<bool> H5Py = new(() => File.Exists(Python) && TryRun(Python, ["-c", "import h5py"], out _));

    /// <summary>What is missing; null when nothing is.</summary>
    public static string? Missing(string? program) => program switch
    {
        "ffmpeg" => Ffmpeg.IsInstalled ? null : "ffmpeg is not installed",
        "libturbojpeg" => Jpeg.IsInstalled ? null : "libturbojpeg is not installed",
        "h5py" => H5Py.Value ? Jpeg.IsInstalled ? null : "libturbojpeg is not installed" : "h5py of Python is not installed (python3-h5py)",
        _ => null,
    };

    /// <summary>The output of a Python program.</summary>
    public static byte[] RunPython(string program, params string[] arguments) => Run(Python, ["-c", program, .. arguments]);

    /// <summary>The output of a program that must succeed.</summary>
    public static byte[] Run(string program, params string[] arguments) =>
        TryRun(program, arguments, out var output) ? output : throw new InvalidOperationException($"{program} failed");

    private static bool TryRun(string program, string[] arguments, out byte[] output)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        using var bytes = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(bytes);
        process.WaitForExit();
        output = bytes.ToArray();
        return process.ExitCode == 0;
    }
}
