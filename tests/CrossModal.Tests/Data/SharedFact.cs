using System.Runtime.CompilerServices;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Tests.Data;

/// <summary>A test that needs a file or folder of <c>shared</c>, beside the repository.</summary>
internal sealed class SharedFact(string path, [CallerMemberName] string test = "") : OptionalFact(
    ReferenceFolders.Beside(path.Split('/')) is null ? $"shared/{path} is not beside the repository" : null, test);
