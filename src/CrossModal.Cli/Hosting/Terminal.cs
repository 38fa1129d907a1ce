using System.Text;
using CrossModal.Cli.Texts;
using CrossModal.Imaging;
using Spectre.Console;

namespace CrossModal.Cli.Hosting;

/// <summary>Where a command writes, and what can be shown there.</summary>
internal sealed class Terminal
{
    private const int UsualColumns = 100;

    /// <summary>Writes to any two writers; plain text unless colours are given.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Warnings and errors.</param>
    /// <param name="colors">What the output can show.</param>
    /// <param name="columns">Width of the output in characters.</param>
    /// <param name="isInteractive">Whether someone watches, so that progress may redraw itself.</param>
    public Terminal(TextWriter output, TextWriter error, TerminalColors colors = TerminalColors.None, int columns = UsualColumns,
        bool isInteractive = false)
    {
        Output = output;
        Error = error;
        Colors = colors;
        Columns = columns;
        IsInteractive = isInteractive;
    }

    /// <summary>Results.</summary>
    public TextWriter Output { get; }

    /// <summary>Warnings and errors.</summary>
    public TextWriter Error { get; }

    /// <summary>What the output can show.</summary>
    public TerminalColors Colors { get; }

    /// <summary>Width of the output in characters.</summary>
    public int Columns { get; }

    /// <summary>The language of what is written, unless the command line asks for one.</summary>
    public ToolLanguage Language { get; init; }

    /// <summary>Whether someone watches, so that progress may redraw itself.</summary>
    public bool IsInteractive { get; }

    /// <summary>The output for tables and progress. Commands that print plain lines leave it alone: it costs a tenth of a second to
    /// load.</summary>
    public IAnsiConsole Console => field ??= CreateConsole();

    /// <summary>The terminal of this process: coloured and interactive when it is one, plain when redirected; NO_COLOR is
    /// honoured.</summary>
    public static Terminal OfProcess()
    {
        // The environment is read here and nowhere else.
        var watched = !System.Console.IsOutputRedirected;
        var term = Environment.GetEnvironmentVariable("TERM");
        var colors = watched
            ? TerminalImage.Choose(Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("COLORTERM"), term)
            : TerminalColors.None;
        System.Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var columns = watched && System.Console.WindowWidth is > 0 and var width ? width : UsualColumns;
        return new Terminal(System.Console.Out, System.Console.Error, colors, columns, watched && term != "dumb")
        {
            Language = ToolLanguages.OfEnvironment(Environment.GetEnvironmentVariable),
        };
    }

    private IAnsiConsole CreateConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Output),
            Ansi = IsInteractive ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = IsInteractive ? InteractionSupport.Yes : InteractionSupport.No,
            ColorSystem = Colors switch
            {
                TerminalColors.TrueColor => ColorSystemSupport.TrueColor,
                TerminalColors.Palette256 => ColorSystemSupport.EightBit,
                _ => ColorSystemSupport.NoColors,
            },
        });
        console.Profile.Width = Columns;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
