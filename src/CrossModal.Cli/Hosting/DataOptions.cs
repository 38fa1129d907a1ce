using System.CommandLine;
using CrossModal.Datasets;

namespace CrossModal.Cli.Hosting;

/// <summary>The options that choose what of a data set is taken.</summary>
/// <param name="Cameras">Names of cameras.</param>
/// <param name="Action">Names of the numbers that are the action.</param>
/// <param name="State">Names of the numbers that are the state.</param>
/// <param name="Instruction">Instruction of episodes that have none.</param>
internal sealed record DataOptions(Option<string[]> Cameras, Option<string[]> Action, Option<string[]> State, Option<string?> Instruction)
{
    /// <summary>All of them.</summary>
    public Option[] All => [Cameras, Action, State, Instruction];

    /// <summary>What was asked for, completed by what the data set says.</summary>
    /// <exception cref="ArgumentException">Something must be chosen, or is not there.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">The data set has no pictures, or no action.</exception>
    public DataChoice Choose(CommandContext context, RecordingSource source) =>
        DataChoice.Of(source, context.Get(Cameras) ?? [], context.Get(Action) ?? [], context.Get(State) ?? [], context.Get(Instruction));
}
