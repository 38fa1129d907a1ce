using CrossModal.Cli.Tests.Hosting;
using CrossModal.Publish.Commands;

namespace CrossModal.Publish.Tests;

/// <summary>Runs a command line of the tool that fills the documents.</summary>
internal static class PublishRun
{
    public static ToolRun Of(params string[] args) => ToolRun.Of(AllCommands.Tool(), default, args);
}
