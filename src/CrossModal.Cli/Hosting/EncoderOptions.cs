using System.CommandLine;
using CrossModal.Encoders;

namespace CrossModal.Cli.Hosting;

/// <summary>The options of pretrained encoders.</summary>
/// <param name="Text">Folder of a text encoder.</param>
/// <param name="TuneText">Whether it is trained too.</param>
internal sealed record EncoderOptions(Option<string?> Text, Option<bool> TuneText)
{
    /// <summary>All of them: what they name is described by its content, wherever it lies.</summary>
    public IReadOnlyList<Option> All => [Text, TuneText];

    /// <summary>The encoders that were asked for; null when there are none.</summary>
    /// <exception cref="UsageException">An option lacks the one it belongs to.</exception>
    public PretrainedEncoders? Choose(CommandContext context)
    {
        var text = context.Get(Text);
        if (text is null && context.IsGiven(TuneText)) throw new UsageException($"{TuneText.Name} needs {Text.Name}");
        return text is null ? null : new PretrainedEncoders { Text = text, TuneText = context.Get(TuneText) };
    }
}
