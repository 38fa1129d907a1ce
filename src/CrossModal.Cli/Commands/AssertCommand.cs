using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Diagnosis;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Tabletop.Splits;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal assert</c>: tests where words of a policy attend, line by line of a file.</summary>
internal sealed class AssertCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "assert";

    private const string Tabletop = "tabletop/";

    private readonly Argument<string?> _file;
    private readonly Option<string?> _checkpoint;
    private readonly Option<string[]> _tasks;
    private readonly Option<string[]> _splits;
    private readonly Option<int> _scenes;
    private readonly Option<ulong> _seed;

    /// <summary>Makes the command.</summary>
    public AssertCommand()
        : base(Word, "Test where words of a policy attend, by a file with a line for each: red attends to named lift 5 p 0.01; exit code " +
            "1 " +
            "when one does not hold",
            "crossmodal assert words.txt --checkpoint runs/demo")
    {
        Arguments.Add(_file = new Argument<string?>("file")
        {
            Description = "File of assertions: a word, 'attends to', then named (the object it names), target, a colour, a shape or both; " +
                "lift: what the median lift must exceed (1 = chance); p: significance; # begins a comment",
            Arity = ArgumentArity.ZeroOrOne,
        });
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        AddWith();
        _tasks = Among(AddTexts("--task", "Task on the tabletop; the first it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _splits = Among(AddTexts("--split", "Split; S0 unless given", "split"), () => TabletopNames.OfSplits, anyCase: true);
        _scenes = AddWhole("--scenes", "Scenes of each line", 50, least: 2, most: 100_000);
        _seed = AddSeed();
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var file = context.Get(_file) is { Length: > 0 } given && !given.Contains('\0', StringComparison.Ordinal) ? given
            : throw new UsageException("assert needs a file of assertions");
        var assertions = WordAssertion.Read(file);
        var checkpoint = context.Get(_checkpoint)!;
        var trained = PolicyFolder.Load(checkpoint);
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new ArgumentException(
                $"{checkpoint}: was trained on {trained.Source}, not on the tabletop, whose masks say where objects are");
        string[] tasks = context.Get(_tasks) is { Length: > 0 } named ? named : [trained.Source[Tabletop.Length..].Split('+')[0]];
        var task = TabletopNames.Tasks(tasks) is [{ } only] ? only : throw new UsageException("--task: assert takes one task");
        var split = context.Get(_splits) is { Length: > 0 } splits ? TabletopNames.Splits(splits) is [{ } one] ? one
            : throw new UsageException("--split: assert takes one split") : Split.S0;
        using var policy = Policy.Of(trained);
        var texts = new AssertTexts(context.Language);
        var results = new JsonArray();
        var failed = 0;
        foreach (var assertion in assertions)
        {
            context.Stop.ThrowIfCancellationRequested();
            var cases = assertion.Which.Draw(policy, assertion.Word, task, split, context.Get(_scenes), context.Get(_seed));
            if (cases.Count == 0)
                throw new UsageException(
                    $"{file}: line {assertion.Line}: no instruction of {task.Name} {split.Name} has the word '{assertion.Word}'");
            var measured = policy.Words(assertion.Word).Measure(cases, assertion.Lift);
            var holds = measured.P < assertion.P;
            failed += holds ? 0 : 1;
            context.Print(texts.Line(holds ? "PASS" : "FAIL", assertion.Word, assertion.Objects, (measured.Lift, assertion.Lift),
                (measured.P, assertion.P), measured.Cases));
            results.Add((JsonNode)new JsonObject
            {
                ["line"] = assertion.Line,
                ["word"] = assertion.Word,
                ["objects"] = assertion.Objects,
                ["holds"] = holds,
                ["lift"] = CommandContext.Number(measured.Lift),
                ["p"] = measured.P,
                ["cases"] = measured.Cases,
            });
        }

        context.Print(failed == 0 ? texts.AllHold(assertions.Count) : texts.Failed(failed, assertions.Count));
        context.Result["assertions"] = results;
        return failed == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }
}
