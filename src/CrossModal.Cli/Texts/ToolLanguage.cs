namespace CrossModal.Cli.Texts;

/// <summary>The language of help, messages and reports. What a command line says (names of options, tasks, strategies), errors and result
/// files stay as they are.</summary>
internal enum ToolLanguage
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese, in simplified characters.</summary>
    Chinese,
}
