using System.Text.Json;
using System.Text.RegularExpressions;

namespace CrossModal.Engine.Formats;

/// <summary>Why the operating system or a reader of JSON refused something, in words for whoever named the file.</summary>
public static partial class Failure
{
    // strerror's texts come with the path again, which the caller's message begins with.
    [GeneratedRegex(@"\s*:?\s*'[^']*'\.?$")]
    private static partial Regex TrailingPath();

    [GeneratedRegex(@"including:? (?<names>.+?)\.? Path:")]
    private static partial Regex MissingProperties();

    /// <summary>The reason alone, without a path: <c>permission denied</c>.</summary>
    /// <param name="error">A failure of reading or writing a file, or of reading JSON; of anything else its own message is the reason.</param>
    public static string Reason(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error switch
        {
            JsonException json => Reason(json),
            UnauthorizedAccessException => "permission denied",
            FileNotFoundException => "there is no such file",
            DirectoryNotFoundException => "there is no such folder",
            PathTooLongException => "the name is too long",
            EndOfStreamException => "it ends too early",
            IOException when TrailingPath().Replace(error.Message, "") is var text && text.Contains("already exists", StringComparison.Ordinal) => "there is a file of that name",
            IOException when !IsFromHere(error) => TrailingPath().Replace(error.Message, "").TrimEnd('.'),
            _ => error.Message,
        };
    }

    /// <summary>Whether this library or tool has thrown it, and so has worded its message.</summary>
    /// <param name="error">Something thrown.</param>
    public static bool IsFromHere(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Source is not { } source || source.StartsWith("CrossModal", StringComparison.OrdinalIgnoreCase);
    }

    private static string Reason(JsonException error)
    {
        // A text without a place was written here.
        if (!error.Message.Contains("BytePositionInLine", StringComparison.Ordinal)) return error.Message;
        var line = FormattableString.Invariant($"line {error.LineNumber + 1}");

        // The reader's own exception is of a type derived from this one: the bytes are no JSON. Otherwise a value is not what it should be.
        if ((error.InnerException as JsonException ?? error).GetType() != typeof(JsonException)) return FormattableString.Invariant($"{line}, byte {error.BytePositionInLine + 1} is not JSON");
        if (MissingProperties().Match(error.Message) is { Success: true } missing) return $"{missing.Groups["names"].Value} is missing in {line}";
        return $"'{error.Path?.TrimStart('$', '.')}' in {line} is not what belongs there";
    }
}
