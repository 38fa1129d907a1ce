using System.CommandLine;
using System.Globalization;
using System.Text;
using CrossModal.Reports;

namespace CrossModal.Cli.Hosting;

/// <summary>Writes the help of a command in Chinese: characters are two columns wide, and a line may end after any of them.</summary>
/// <param name="output">Where it is written.</param>
/// <param name="columns">Width of the terminal.</param>
/// <param name="tool">Name of the tool.</param>
internal sealed class ChineseHelpPage(TextWriter output, int columns, string tool)
{
    private const int Gap = 2;
    private const int Narrowest = 20;

    // What no line begins with.
    private const string NeverFirst = "，。；：、）！？”";

    /// <summary>Writes the help of a command, or of the tool.</summary>
    public void Write(Command command)
    {
        var isRoot = command is RootCommand;
        Section("说明：", Wrap(isRoot ? ChineseHelp.Tool : ChineseHelp.OfCommand(command.Name) ?? command.Description ?? "", columns - Gap));
        Section("用法：", [isRoot ? $"{tool} <命令> [选项]" : $"{tool} {command.Name} [选项]"]);
        var options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options).Where(o => o.Recursive))
            .Where(o => !o.Hidden).Select(o => (Signature(o), Text(command, o))).ToList();
        Table("选项：", options);
        if (command.Subcommands.Count > 0) Table("命令：",
            [.. command.Subcommands.Select(c => (c.Name, ChineseHelp.OfCommand(c.Name) ?? c.Description ?? ""))]);
    }

    private static string Text(Command command, Option option)
    {
        var text = ChineseHelp.OfOption(command.Name, option.Name) ?? option.Description ?? "";
        if (option.Required) text += "（必填）";
        var value = option.HasDefaultValue && option.ValueType != typeof(bool) ? option.GetDefaultValue() : null;
        return value switch
        {
            null or Array => text,
            IFormattable number => $"{text}［默认 {number.ToString(null, CultureInfo.InvariantCulture)}］",
            _ => $"{text}［默认 {value}］",
        };
    }

    private static string Signature(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(a => !a.StartsWith('/')).Append(option.Name).Distinct().OrderBy(a => a.Length));
        return option.HelpName is { } value && option.ValueType != typeof(bool) ? $"{names} <{ChineseHelp.OfValue(value)}>" : names;
    }

    private void Section(string title, IEnumerable<string> lines)
    {
        output.WriteLine(title);
        foreach (var line in lines) output.WriteLine($"  {line}");
        output.WriteLine();
    }

    private void Table(string title, IReadOnlyList<(string Name, string Text)> rows)
    {
        var width = rows.Max(r => DisplayWidth.Of(r.Name));
        Section(title, rows.SelectMany(r => Wrap(r.Text, Math.Max(Narrowest, columns - width - 2 * Gap - 1))
            .Select((line, i) => $"{DisplayWidth.Pad(i == 0 ? r.Name : "", width)}  {line}")));
    }

    /// <summary>Breaks a text into lines: between Chinese characters, or at a space where words are written with spaces.</summary>
    private static List<string> Wrap(string text, int width)
    {
        var (lines, line) = (new List<string>(), new StringBuilder());
        var room = width;
        foreach (var piece in Pieces(text))
        {
            var needed = DisplayWidth.Of(piece);
            if (needed > room && line.Length > 0)
            {
                lines.Add(line.ToString().TrimEnd());
                line.Clear();
                room = width;
            }

            if (line.Length == 0 && string.IsNullOrWhiteSpace(piece)) continue;
            line.Append(piece);
            room -= needed;
        }

        lines.Add(line.ToString().TrimEnd());
        return lines;
    }

    /// <summary>What stays together: a Chinese character with the marks after it, or a run of other characters.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        var piece = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var wide = DisplayWidth.Of(rune) == 2;
            var ends = piece.Length > 0 && !NeverFirst.Contains(rune.ToString(), StringComparison.Ordinal)
                && (wide || piece[^1] == ' ' || DisplayWidth.Of(new Rune(piece[^1])) == 2);
            if (ends)
            {
                yield return piece.ToString();
                piece.Clear();
            }

            piece.Append(rune);
        }

        if (piece.Length > 0) yield return piece.ToString();
    }
}
