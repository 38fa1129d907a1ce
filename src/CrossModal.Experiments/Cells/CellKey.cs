using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Policies;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Experiments.Cells;

/// <summary>What a cell is called: a hash of all that decides its numbers, and a readable name for its file.</summary>
internal static class CellKey
{
    private const int KeyLength = 16;
    private const int LongestName = 60;

    // What is absent says nothing: an option that is added later changes no key of those who do without it.
    private static readonly JsonSerializerOptions Json =
        new(ExperimentFile.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The key: 16 hexadecimal digits of a hash of the configuration and of what the code does.</summary>
    /// <exception cref="ArgumentException">A name in the configuration does not exist, or sizes do not fit.</exception>
    public static string Of(CellConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);

        // Films are pictures of the same numbers.
        var deciding = configuration with { Evaluation = configuration.Evaluation with { Films = 0 } };
        return CodeFingerprint.Hash(text => text
            .Append(CultureInfo.InvariantCulture, $"{CodeFingerprint.Revision} {CodeFingerprint.Of(configuration)} ")
            .Append(Text(deciding)))[..KeyLength];
    }

    /// <summary>The key of a policy that was pre-trained on captions.</summary>
    internal static string OfPretraining(PolicyOptions policy, PretrainingRecipe captions) => CodeFingerprint.Hash(text => text
        .Append(CultureInfo.InvariantCulture, $"{CodeFingerprint.Revision} {policy.Strategy} ")
            .Append(Text(policy.Fusion)).Append(Text(captions)))[..KeyLength];

    /// <summary>A name for files: strategy, sizes, budget, learning rate, seed and key.</summary>
    public static string Name(CellConfiguration configuration, string key)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var (policy, recipe) = (configuration.Policy, configuration.Recipe);
        var name = new StringBuilder(policy.Strategy[..Math.Min(policy.Strategy.Length, LongestName)]);
        name.Append(CultureInfo.InvariantCulture, $"_l{policy.Fusion.Layers}_{recipe.Steps}_lr{recipe.LearningRate}_s{recipe.Seed}_{key}");
        for (var i = 0; i < name.Length; i++)
            if (!char.IsAsciiLetterOrDigit(name[i]) && name[i] is not ('-' or '_' or '.')) name[i] = '-';
        return name.ToString();
    }

    private static string Text<T>(T deciding) => JsonSerializer.Serialize(deciding, (JsonTypeInfo<T>)Json.GetTypeInfo(typeof(T)));
}
