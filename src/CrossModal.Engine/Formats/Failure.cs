using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Formats;

/// <summary>Why something was refused, in words for whoever named the file or chose the size: no name of a class, no text of
/// .NET.</summary>
internal static partial class Failure
{
    private static readonly int OfIOException = new IOException().HResult;

    // strerror's texts come with the path again, which the caller's message begins with.
    [GeneratedRegex(@"\s*:?\s*'[^']*'\.?$")]
    private static partial Regex TrailingPath();

    [GeneratedRegex("'(?<path>[^']+)'")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@"including:? (?<names>.+?)\.? Path:")]
    private static partial Regex MissingProperties();

    /// <summary>The reason alone, without a path: <c>permission denied</c>.</summary>
    /// <param name="error">A failure of reading or writing a file or of reading JSON, or a refused argument; of anything else its own
    /// message is the reason.</param>
    public static string Reason(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error switch
        {
            JsonException json => Reason(json),
            ShapeException shape => shape.Reason,
            ArgumentException { ParamName: { } parameter } =>
                error.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal),
            UnauthorizedAccessException => Directory.Exists(PathOf(error)) ? "it is a folder, or permission is denied"
                : "permission denied",
            FileNotFoundException => "there is no such file",
            DirectoryNotFoundException => "there is no such folder",
            PathTooLongException => "the name is too long",
            EndOfStreamException => "it ends too early",
            IOException when IsFromHere(error) => error.Message,
            IOException when error.Message.Contains("already exists", StringComparison.Ordinal) => "there is a file of that name",
            IOException => TrailingPath().Replace(error.Message, _ => "").TrimEnd('.'),
            InvalidOperationException or KeyNotFoundException when !IsFromHere(error) => "a value is not of the kind that belongs there",
            FormatException when !IsFromHere(error) => "a text cannot be decoded",
            _ => error.Message,
        };
    }

    /// <summary>The path that a failure of reading or writing speaks of; null when it names none.</summary>
    /// <param name="error">The failure.</param>
    public static string? PathOf(Exception error) => error is FileNotFoundException { FileName: { } file } ? file
        : error is not null && QuotedPath().Match(error.Message) is { Success: true } quoted ? quoted.Groups["path"].Value : null;

    /// <summary>Whether this library or tool has thrown it, and so has worded its message.</summary>
    /// <param name="error">Something thrown.</param>
    public static bool IsFromHere(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return RuntimeFeature.IsDynamicCodeSupported
            ? error.Source is not { } source || source.StartsWith("CrossModal", StringComparison.OrdinalIgnoreCase) : IsWordedHere(error);
    }

    /// <summary>The same by what an exception is and says: compiled ahead of time it knows neither its assembly nor its methods.</summary>
    internal static bool IsWordedHere(Exception error) => error switch
    {
        _ when error.GetType().Namespace?.StartsWith("CrossModal", StringComparison.Ordinal) == true => true,
        FileNotFoundException or DirectoryNotFoundException => !error.Message.StartsWith("Could not find", StringComparison.Ordinal),
        PathTooLongException or UnauthorizedAccessException or FormatException => false,
        EndOfStreamException => !error.Message.StartsWith("Unable to read", StringComparison.Ordinal),

        // The operating system's refusals have numbers of their own.
        IOException => error.HResult == OfIOException,
        KeyNotFoundException => !error.Message.StartsWith("The given key", StringComparison.Ordinal),
        InvalidOperationException => !error.Message.StartsWith("The requested operation requires", StringComparison.Ordinal),
        _ => true,
    };

    private static string Reason(JsonException error)
    {
        // A text without a place was written here.
        if (!error.Message.Contains("BytePositionInLine", StringComparison.Ordinal)) return error.Message;
        var line = FormattableString.Invariant($"line {error.LineNumber + 1}");

        // The reader's own exception is of a type derived from this one: the bytes are no JSON. Otherwise a value is not what it should be.
        if ((error.InnerException as JsonException ?? error).GetType() != typeof(JsonException))
            return FormattableString.Invariant($"{line}, byte {error.BytePositionInLine + 1} is not JSON");
        if (MissingProperties().Match(error.Message) is { Success: true } missing)
            return $"{missing.Groups["names"].Value} is missing in {line}";
        return $"'{error.Path?.TrimStart('$', '.')}' in {line} is not what belongs there";
    }
}
