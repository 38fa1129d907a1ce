using System.Text.Json.Serialization;

namespace CrossModal.Tabletop.Language;

/// <summary>The language of instructions.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InstructionLanguage>))]
public enum InstructionLanguage
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese, in simplified characters.</summary>
    Chinese,

    /// <summary>Either, one instruction as likely in the one as in the other.</summary>
    Both,
}
