using System.CommandLine;
using CrossModal.Attention;
using CrossModal.Engine.Formats;
using CrossModal.Fusion;

namespace CrossModal.Cli.Hosting;

/// <summary>The options of the attention to visual tokens and of token reduction.</summary>
/// <param name="Attention">The attention variant.</param>
/// <param name="Tokens">The token reduction.</param>
internal sealed record VisualTokenOptions(Option<string?> Attention, Option<string?> Tokens)
{
    private const string AttentionKey = "attention";
    private const string TokensKey = "visual_tokens";

    /// <summary>What the option of the attention says of itself.</summary>
    public static string AttentionHelp { get; } =
        $"Attention variant over visual tokens, softmax over all of them unless given: {string.Join(", ", AttentionVariant.Names)} (the number may be another)";

    /// <summary>What the option of the tokens says of itself.</summary>
    public static string TokensHelp { get; } = $"Token reduction of each view, as METHOD:N: {string.Join(", ", VisualTokens.Names)}";

    /// <summary>Refuses a text that names no attention.</summary>
    /// <exception cref="ArgumentException">The name is unknown or its number makes no sense.</exception>
    public static void CheckAttention(string text)
    {
        CheckName(text, AttentionVariant.Names);
        AttentionVariant.Parse(text);
    }

    /// <summary>Refuses a text that names no way to make tokens fewer.</summary>
    /// <exception cref="ArgumentException">The name is unknown or its number makes no sense.</exception>
    public static void CheckTokens(string text)
    {
        CheckName(text, VisualTokens.Names);
        VisualTokens.Parse(text);
    }

    private static void CheckName(string text, IEnumerable<string> names)
    {
        string[] known = [.. names.Select(n => n.Split(':')[0])];
        if (text.Split(':')[0] is var name && !known.Contains(name)) throw new ArgumentException(Choice.Unknown(name, known));
    }

    /// <summary>What a checkpoint keeps beside the weights.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Describe(VisionOptions vision)
    {
        if (vision.Attention is { } attention) yield return new(AttentionKey, attention.ToString());
        if (vision.Tokens is { } tokens) yield return new(TokensKey, tokens.ToString());
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="ArgumentException">A name is unknown or its number makes no sense.</exception>
    public VisionOptions Choose(CommandContext context) => Choose(context, new Dictionary<string, string>(), null);

    /// <summary>What was asked for, or, where nothing was, what the checkpoint was saved with.</summary>
    /// <exception cref="ArgumentException">A name is unknown, or the checkpoint was saved with another.</exception>
    /// <exception cref="FileFormatException">The checkpoint is damaged.</exception>
    public VisionOptions Choose(CommandContext context, IReadOnlyDictionary<string, string> saved, string? checkpoint) => new()
    {
        Attention = Value(context, Attention, AttentionKey, AttentionVariant.Parse, saved, checkpoint),
        Tokens = Value(context, Tokens, TokensKey, VisualTokens.Parse, saved, checkpoint),
    };

    private static T? Value<T>(CommandContext context, Option<string?> option, string key, Func<string, T> parse,
        IReadOnlyDictionary<string, string> saved, string? checkpoint)
        where T : class
    {
        var given = context.Get(option) is { } text ? parse(text) : null;
        if (checkpoint is null) return given;
        saved.TryGetValue(key, out var keptText);
        if (saved.Count == 0) return given;
        try
        {
            var kept = keptText is null ? null : parse(keptText);
            return given is null || Equals(given, kept) ? kept
                : throw new UsageException($"{checkpoint}: was saved with {option.Name} {keptText ?? "not given"}, not {given}");
        }
        catch (ArgumentException error)
        {
            throw new FileFormatException(checkpoint, $"its '{key}' is damaged: {Failure.Reason(error)}", error);
        }
    }
}
