using System.CommandLine;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Doubles a number, written as CONTRIBUTING says: one class with its options and what it does.</summary>
internal sealed class DoubleCommand : ToolCommand
{
    private readonly Option<int> _number;

    public DoubleCommand()
        : base("double", "Double a number", "crossmodal double --number 21") =>
            _number = AddWhole("--number", "What is doubled", 1, least: 1);

    protected override int Run(CommandContext context)
    {
        context.Print($"{2 * context.Get(_number)}");
        return ExitCodes.Success;
    }
}

/// <summary>What a command of one's own has without a change anywhere else.</summary>
public sealed class CommandRecipeTests
{
    [Fact]
    public void A_command_of_one_class_has_help_examples_defaults_and_one_line_for_a_wrong_call()
    {
        Assert.Equal((ExitCodes.Success, "42", ""), Run("double", "--number", "21"));
        Assert.Equal((ExitCodes.Success, "2", ""), Run("double"));
        var (exit, help, _) = Run("double", "--help");
        Assert.Equal(ExitCodes.Success, exit);
        Assert.Contains("What is doubled", help, StringComparison.Ordinal);
        Assert.Contains("crossmodal double --number 21", help, StringComparison.Ordinal);
        var (wrong, _, error) = Run("double", "--number", "0");
        Assert.Equal(ExitCodes.BadInput, wrong);
        Assert.Contains("--number", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    private static (int Exit, string Output, string Error) Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = AllCommands.Tool([new DoubleCommand()]).Run(args, new Terminal(output, error));
        return (exit, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }
}
