using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Onnx;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal export</c>: writes a trained policy as an ONNX model.</summary>
internal sealed class ExportCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "export";

    private const string Dynamic = "dynamic";
    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _out;
    private readonly Option<string?> _opset;
    private readonly Option<bool> _maps;
    private readonly Option<string?> _batch;
    private readonly Option<string?> _instruction;

    /// <summary>Makes the command.</summary>
    public ExportCommand()
        : base(Word, "Write a trained policy as an ONNX model, with a manifest beside it",
            "crossmodal export --checkpoint runs/demo --out policy.onnx",
            "crossmodal export --checkpoint runs/demo --out policy.onnx --opset 23 --maps --batch 1")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder", required: true);
        AddWith();
        _out = AddText("--out", "The model to write; FILE.json beside it lists inputs, outputs and digests", "file",
            byDefault: "policy.onnx");
        var first = OnnxOptions.Opsets[0].ToString(CultureInfo.InvariantCulture);
        _opset = Read(AddText("--opset", $"Version of the operators: {Opsets}", "n", byDefault: first), text => Opset(text));
        _maps = AddFlag("--maps", "Give out the attention from every word to every patch, one output for each layer and camera");
        _batch = Read(AddText("--batch", $"Number of samples: {Dynamic}, or a whole number of at least 1", "n", byDefault: Dynamic),
            text => Batch(text));
        _instruction = AddText("--instruction",
            "Of a policy with a text encoder: also write the states of this text's words, which the model takes, as FILE.words.npy",
                "text");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (checkpoint, path) = (context.Get(_checkpoint)!, context.Get(_out)!);
        OutputPath.CheckFile(path);
        var trained = PolicyFolder.Load(checkpoint);
        OutputPath.CheckApart(_out.Name, path, (_checkpoint.Name, PolicyFolder.WeightsPath(checkpoint)),
            (_checkpoint.Name, PolicyFolder.DescriptionPath(checkpoint)));
        var instruction = context.Get(_instruction);
        if (instruction is not null && trained.Tokenizer.Encoder is null)
            throw new UsageException(
                $"{_instruction.Name} needs a policy with a text encoder: the model of {checkpoint} takes numbers of words");
        var options = new OnnxOptions
        {
            Opset = Opset(context.Get(_opset)!),
            Maps = context.Get(_maps),
            Batch = Batch(context.Get(_batch)!),
        };
        var file = Onnx.Onnx.Export(trained, path, options);
        context.Print(string.Create(CultureInfo.InvariantCulture,
            $"{path}: opset {options.Opset}, {file.Operators.Values.Sum()} nodes, {file.Bytes / 1e6:0.0} MB"));
        Print(context, "inputs", file.Inputs);
        Print(context, "outputs", file.Outputs);
        if (instruction is not null) WriteStates(context, trained, instruction, $"{path}.words.npy");
        context.Result["model"] = path;
        context.Result["manifest"] = file.ManifestPath;
        context.Result["opset"] = options.Opset;
        context.Result["bytes"] = file.Bytes;
        context.Result["operators"] = new JsonObject(file.Operators.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        return ExitCodes.Success;
    }

    private static void WriteStates(CommandContext context, TrainedPolicy trained, string instruction, string path)
    {
        var (words, _) = trained.Tokenizer.EncodeBatch([instruction], trained.Policy.Options.MaxWords);
        Npy.Write(path, StoredArray.From(words.ToArray(), words.Shape[1], words.Shape[2]));
        context.Print($"{path}: [{words.Shape[1]}, {words.Shape[2]}]");
        context.Result["words"] = path;
    }

    private static void Print(CommandContext context, string what, IReadOnlyList<OnnxPort> ports)
    {
        var width = ports.Max(port => port.Name.Length);
        context.Print($"{what}:");
        foreach (var port in ports) context.Print($"  {port.Name.PadRight(width)}  {port.Type,-7}  [{string.Join(", ", port.Shape)}]");
        context.Result[what] = new JsonArray([.. ports.Select(port => (JsonNode)new JsonObject
        {
            ["name"] = port.Name, ["type"] = port.Type, ["shape"] = new JsonArray([.. port.Shape.Select(size => (JsonNode)size)]),
        })]);
    }

    private static string Opsets => string.Join(" or ", OnnxOptions.Opsets);

    private static int Opset(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var opset) && OnnxOptions.Opsets.Contains(opset) ? opset
            : throw new ArgumentException($"'{text}' is not {Opsets}", nameof(text));

    private static int? Batch(string text) => text == Dynamic
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1 << 16 ? count
        : throw new ArgumentException($"'{text}' is neither {Dynamic} nor a whole number from 1 to {1 << 16}", nameof(text));
}
