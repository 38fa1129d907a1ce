using System.Runtime.CompilerServices;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.OnnxRuntime.Tests;

/// <summary>A test that needs a file of the pretrained weights that tools/Weights makes, in <c>weights</c> or where CROSSMODAL_WEIGHTS
/// says.</summary>
internal sealed class WeightsFact(string file, [CallerMemberName] string test = "") : OptionalFact(
    File.Exists(Pretrained.At(file)) ? null : $"{file} is missing: dotnet run -c Release --project tools/Weights -p:Weights=true", test);

/// <summary>Where pretrained weights lie.</summary>
internal static class Pretrained
{
    public static string At(string file) => Path.Combine(
        Environment.GetEnvironmentVariable("CROSSMODAL_WEIGHTS") is { Length: > 0 } given ? given
            : Path.Combine(ReferenceFolders.Repository, "weights"), file);
}
