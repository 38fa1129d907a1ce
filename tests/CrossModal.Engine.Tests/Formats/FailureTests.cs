using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

/// <summary>Failures are told apart by who worded them, by their assembly or, compiled ahead of time, by what they are and say.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_dotnet_worded_is_known_with_and_without_the_assembly()
    {
        foreach (var fail in (Action[])
        [
            () => File.ReadAllBytes(Of("none")), () => File.ReadAllBytes(Of("none/file")), () => Directory.GetFiles(Of("none")),
            () => File.ReadAllBytes(_folder), () => Directory.CreateDirectory("/dev/null/a"), () => _ = new Dictionary<string, int>()["a"],
            () => JsonDocument.Parse("[1]").RootElement.GetProperty("a"), () => JsonDocument.Parse("\"a\"").RootElement.GetInt32(),
            () => JsonDocument.Parse("{}").RootElement.GetProperty("a"), () => JsonDocument.Parse("1.5").RootElement.GetInt32(),
            () => Convert.FromBase64String("?"), () => int.Parse("x", null),
            () => new BinaryReader(new MemoryStream()).ReadInt32(), () => new MemoryStream().ReadExactly(new byte[1]),
        ])
        {
            var error = Record.Exception(fail)!;
            Assert.False(Failure.IsFromHere(error), $"{error}");
            Assert.False(Failure.IsWordedHere(error), $"{error}");
        }
    }

    [Fact]
    public void What_was_worded_here_is_known_with_and_without_the_assembly()
    {
        File.WriteAllBytes(Of("a.npz"), [1, 2, 3]);
        foreach (var fail in (Action[])
        [
            () => Npz.Read(Of("a.npz")), () => throw new FileFormatException("a", "is damaged"), () => throw new IOException("a: is there"),
            () => throw new FileNotFoundException("a: there is no such file"), () =>
                throw new KeyNotFoundException("a: there is no tensor 'b'"),
            () => throw new InvalidOperationException("Pass: only a training pass has randomness"), () =>
                throw new ArgumentException("wrong"),
            () => throw new NotSupportedException("not with this"),
        ])
        {
            var error = Record.Exception(fail)!;
            Assert.True(Failure.IsFromHere(error), $"{error}");
            Assert.True(Failure.IsWordedHere(error), $"{error}");
        }
    }

    private string Of(string name) => Path.Combine(_folder, name);
}
