using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests;

/// <summary>Recordings that nobody here wrote, in <c>shared/realdata</c> beside the checkout; not in a clone that stands alone.</summary>
internal static class RealData
{
    /// <summary>The folder; null when it is not there.</summary>
    public static string? Folder { get; } = ReferenceFolders.Beside("realdata");

    /// <summary>A file or folder in it.</summary>
    public static string Path(string name) => System.IO.Path.Combine(
        Folder ?? throw new InvalidOperationException("shared/realdata is missing"), name);
}

/// <summary>A test on <see cref="RealData"/>, and perhaps on a program.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataFactAttribute : OptionalFact
{
    public RealDataFactAttribute(string? program = null, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
        : base(Missing(program), test)
    {
    }

    internal static string? Missing(string? program) =>
        RealData.Folder is null ? "../shared/realdata is missing" : Programs.Missing(program);
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataTheoryAttribute(string? program = null, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    : OptionalTheory(RealDataFactAttribute.Missing(program), test);

/// <summary>A test that needs a program: <c>ffmpeg</c>, <c>libturbojpeg</c>, or <c>h5py</c> of Python.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute(string program, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    : OptionalFact(Programs.Missing(program), test);

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramTheoryAttribute(string program, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    : OptionalTheory(Programs.Missing(program), test);
