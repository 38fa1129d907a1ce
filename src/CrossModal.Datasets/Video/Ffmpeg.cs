using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>The installed <c>ffmpeg</c> program, and videos decoded by it: it knows AV1, H.264, H.265, VP9 and MPEG-4, and there is no such
/// decoder in .NET.</summary>
internal static partial class Ffmpeg
{
    /// <summary>Its name.</summary>
    public const string Program = "ffmpeg";

    private const int LongestProblem = 300;

    // Longer than any picture takes; a decoder that hangs on a damaged file is stopped.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Version?> Found = new(Probe);
    private static readonly Lazy<string> ListOfEncoders = new(ListEncoders);

    /// <summary>Whether the program was found.</summary>
    public static bool IsInstalled => Found.Value is not null;

    /// <summary>Its list of encoders.</summary>
    public static string Encoders => ListOfEncoders.Value;

    /// <summary>How to install it on this platform.</summary>
    public static string HowToInstall =>
        OperatingSystem.IsMacOS() ? "brew install ffmpeg"
        : OperatingSystem.IsWindows() ? "winget install ffmpeg"
        : "apt-get install ffmpeg on Debian and Ubuntu, dnf install ffmpeg-free on Fedora, apk add ffmpeg on Alpine";

    /// <summary>Decodes pictures one after the other, in the size of the video and in the order they are shown.</summary>
    /// <param name="path">The file.</param>
    /// <param name="from">Seconds into the video: pictures shown before are left out.</param>
    /// <exception cref="FileFormatException">While taking them: the program is not installed (the message says how to get it), or the file
    /// is damaged.</exception>
    internal static IEnumerable<RgbImage> Decode(string path, double from)
    {
        using var process = Start(path, from);
        var problem = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (problem)
                if (problem.Length < LongestProblem) problem.Append(line.Data).Append(' ');
        };
        process.BeginErrorReadLine();
        using var watch = new Timer(_ => Kill(process), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            using var output = new BufferedStream(process.StandardOutput.BaseStream, 1 << 16);
            while (PortablePixmap(output, path) is { } picture)
            {
                yield return picture;
                watch.Change(Patience, Timeout.InfiniteTimeSpan);
            }

            process.WaitForExit();
            if (process.ExitCode == 0) yield break;
            lock (problem) throw new FileFormatException(
                path, $"cannot be decoded by {Program}: {FileFormatException.Quote(problem.ToString().Trim())}");
        }
        finally
        {
            Kill(process);
        }
    }

    private static Process Start(string path, double from)
    {
        if (Found.Value is not { } version)
            throw new FileFormatException(
                path, $"a video is decoded by the program {Program}, which was not found; install it ({HowToInstall})");
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false
        };

        // Each picture as it is stored, once: none repeated or left out for a constant rate, none turned.
        string[] arguments =
        [
            "-nostdin", "-v", "error", "-noautorotate", .. from > 0 ? ["-ss", from.ToString("F6", CultureInfo.InvariantCulture)]
                : (string[])[],
            "-i", $"file:{path}", "-map", "0:v:0", version >= new Version(5, 1) ? "-fps_mode"
                : "-vsync", "passthrough", "-f", "image2pipe", "-c:v", "ppm", "-",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>A picture in the form <c>P6</c>: width, height, 255, bytes; null at the end.</summary>
    private static RgbImage? PortablePixmap(Stream output, string path)
    {
        var first = output.ReadByte();
        if (first < 0) return null;
        if (first != 'P' || output.ReadByte() != '6') throw Unexpected();
        output.ReadByte();
        var (width, height, most) = (Number(), Number(), Number());
        if (width is < 1 or > Png.LongestSide || height is < 1 or > Png.LongestSide || (long)width * height > Png.MostPixels
            || most != byte.MaxValue) throw Unexpected();
        var image = new RgbImage(width, height);
        return output.ReadAtLeast(image.Pixels, image.Pixels.Length, throwOnEndOfStream: false) == image.Pixels.Length ? image
            : throw new FileFormatException(path, $"the output of {Program} was cut short");

        int Number()
        {
            var value = 0;
            for (var digit = output.ReadByte(); digit is >= '0' and <= '9' && value < 1 << 20; digit = output.ReadByte())
                value = 10 * value + digit - '0';
            return value;
        }

        FileFormatException Unexpected() => new(path, $"the output of {Program} is no picture");
    }

    /// <summary>Ends a process that may have ended.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private static string ListEncoders()
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { "-v", "error", "-hide_banner", "-encoders" }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var list = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return list;
    }

    private static Version? Probe()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, "-version")
            {
                RedirectStandardOutput = true,
                UseShellExecute = false
            })!;
            var words = (process.StandardOutput.ReadLine() ?? "").Split(' ');
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();

            // "ffmpeg version 5.1.9-0+deb12u1 …"; versions built from a commit are newer than those that lack an option.
            var numbers = words.Length > 2 ? new string([.. words[2].TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]).Trim('.') : "";
            return words[0] != Program ? null : Version.TryParse(numbers, out var version) ? version : new Version(99, 0);
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }
}
