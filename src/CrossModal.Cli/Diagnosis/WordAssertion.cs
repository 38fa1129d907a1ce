using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Diagnosis;

/// <summary>One line of a file of assertions: <c>red attends to named lift 5 p 0.01</c>.</summary>
/// <remarks>A line is a word of instructions, <c>attends to</c>, objects (<see cref="WordObjects.Parse"/>), then <c>lift</c> and <c>p</c>
/// with a number each, in any order; 1 and 0.01 unless given. Empty lines and those that begin with # say nothing.</remarks>
/// <param name="Line">Number of the line, from 1.</param>
/// <param name="Word">The word.</param>
/// <param name="Objects">The objects as they are written.</param>
/// <param name="Which">The objects.</param>
/// <param name="Lift">The lift that the median must exceed.</param>
/// <param name="P">Significance.</param>
internal sealed record WordAssertion(int Line, string Word, string Objects, WordObjects Which, double Lift, double P)
{
    private const string Verb = " attends to ";

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">A line is not an assertion, or there is none; the message says which and why.</exception>
    public static IReadOnlyList<WordAssertion> Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var read = lines.Index().Where(l => l.Item.Trim() is { Length: > 0 } text && text[0] != '#')
            .Select(l => Parse(path, l.Index + 1, l.Item.Trim())).ToList();
        return read.Count > 0 ? read : throw new FileFormatException(path,
            "there is no assertion in it; one is: red attends to named lift 5 p 0.01");
    }

    private static WordAssertion Parse(string path, int line, string text)
    {
        var at = text.IndexOf(Verb, StringComparison.Ordinal);
        if (at < 1 || text[..at].Contains(' '))
            throw Wrong("a word and 'attends to' are missing: red attends to named lift 5 p 0.01");
        var parts = text[(at + Verb.Length)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var names = parts.TakeWhile(part => part is not ("lift" or "p")).ToArray();
        var objects = string.Join(' ', names);
        var which = WordObjects.Parse(objects) ?? throw Wrong($"'{objects}' is no object; give {WordObjects.Known}");
        double? lift = null, p = null;
        for (var i = names.Length; i < parts.Length; i += 2)
        {
            var value = i + 1 < parts.Length
                && double.TryParse(parts[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
                : throw Wrong($"'{parts[i]}' needs a number after it");
            if (parts[i] == "lift" && lift is null && value is >= 0 and < double.PositiveInfinity) lift = value;
            else if (parts[i] == "p" && p is null && value is > 0 and < 1) p = value;
            else throw Wrong($"'{parts[i]} {parts[i + 1]}': give lift (0 or more) and p (between 0 and 1) once each");
        }

        return new WordAssertion(line, text[..at].ToLowerInvariant(), objects, which, lift ?? 1, p ?? 0.01);

        FileFormatException Wrong(string reason) => new(path, $"line {line}: {reason}");
    }
}
