using System.Diagnostics;
using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <content>Makes a film of pictures.</content>
internal static partial class Ffmpeg
{
    /// <summary>Encodes pictures as an MP4 file that browsers play (H.264), each side reduced to an even number of pixels.</summary>
    /// <param name="pictures">The pictures, all of one size; at least one.</param>
    /// <param name="rate">Pictures in a second.</param>
    /// <param name="to">Receives the file.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="IOException">The program is not installed, or refuses.</exception>
    public static void Encode(IReadOnlyList<RgbImage> pictures, double rate, Stream to, CancellationToken cancellation)
    {
        if (!IsInstalled) throw new IOException($"a film is made by the program {Program}, which was not found; install it ({HowToInstall})");
        var (width, height) = (pictures[0].Width, pictures[0].Height);
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{width}x{height}", "-r",
            rate.ToString("0.###", CultureInfo.InvariantCulture), "-i", "-", "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0",
            "-c:v", "libx264", "-threads", "1", "-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var stop = cancellation.Register(() => Kill(process));
        var output = process.StandardOutput.BaseStream.CopyToAsync(to, CancellationToken.None);
        var problem = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            using (var input = process.StandardInput.BaseStream)
                foreach (var picture in pictures) input.Write(picture.Pixels);
        }
        catch (IOException)
        {
            // It refused, and says why below.
        }

        output.GetAwaiter().GetResult();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
            throw new IOException($"{Program} made no film: {FileFormatException.Quote(problem.GetAwaiter().GetResult().Trim())}");
    }
}
