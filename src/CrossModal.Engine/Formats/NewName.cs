using System.Runtime.InteropServices;

namespace CrossModal.Engine.Formats;

/// <summary>Gives a finished file a name that no file has.</summary>
internal static partial class NewName
{
    private const int FileExists = 17;

    /// <summary>Names a file; of several processes that give the same name at the same time one succeeds.</summary>
    /// <remarks><see cref="File.Move(string, string)"/> first asks whether there is a file of that name and then renames, which may
    /// replace one that came in between. A hard link (POSIX link) is made or refused as a whole, on file servers too. Where the file
    /// system has no hard links the first is used.</remarks>
    /// <param name="beside">The file, in the folder of <paramref name="path"/>; it is gone when the call returns.</param>
    /// <param name="path">The name.</param>
    /// <exception cref="IOException">There is a file of that name, or it cannot be named.</exception>
    public static void Give(string beside, string path)
    {
        switch (OperatingSystem.IsWindows() ? null : Link(beside, path))
        {
            case 0:
                File.Delete(beside);
                break;
            case FileExists:
                throw new IOException("there is a file of that name");
            default:
                File.Move(beside, path, overwrite: false);
                break;
        }
    }

    /// <summary>0, or the number of the error; null where the call is not to be had.</summary>
    private static int? Link(string beside, string path)
    {
        try
        {
            return HardLink(beside, path) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string existing, string added);
}
