using System.Text.Json;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Progress;
using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Imitation;
using CrossModal.Policies;

namespace CrossModal.Publish.Encoders;

/// <summary>Trains policies on recordings, alike but for their encoders, and measures the action error and the attention of words on the
/// episodes held out.</summary>
/// <param name="context">Output, and the sign to stop.</param>
/// <param name="folder">Where policies and cells are kept: what lies there is not computed again.</param>
/// <param name="data">The recordings.</param>
/// <param name="steps">Steps of training.</param>
internal sealed class RecordedEncoders(CommandContext context, string folder, RecordedData data, int steps)
{
    /// <summary>The cell of one policy.</summary>
    /// <param name="pictures">Name of its visual tokens.</param>
    /// <param name="words">Name of its words.</param>
    /// <param name="seed">Seed of its training.</param>
    /// <param name="encoders">Its encoders; null when all is learned.</param>
    public RecordedCell Measure(string pictures, string words, ulong seed, PretrainedEncoders? encoders)
    {
        var name = $"recorded-{pictures}-{words}-{seed}";
        var file = Path.Combine(folder, $"{name}.json");
        if (File.Exists(file)) return JsonSerializer.Deserialize(JsonFile.Read(file), EncoderJson.Default.RecordedCell)!;
        var trainer = new PolicyTrainer(new RecordedLossSource(data, "cross-attention", new FusionOptions(64, Heads: 4, Layers: 4), steps,
            seed,
            encoders: encoders));
        ConsoleProgress.Run(context.Terminal, name, progress => trainer.Run(Path.Combine(folder, name), progress, context.Stop),
            context.Language);
        context.Stop.ThrowIfCancellationRequested();
        var trained = trainer.Policy;
        var error = ActionError.Measure(trained, data.HeldOut);
        var (spread, apart) = Attention(trained);
        var cell = new RecordedCell(pictures, words, seed, error.Steps, error.Ratio, spread, apart);
        context.Print(FormattableString.Invariant(
            $"{name}: error {error.Ratio:0.000} of the mean action's, spread {spread:0.000}, apart {apart:0.000}"));
        AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, cell, EncoderJson.Default.RecordedCell));
        return cell;
    }

    /// <summary>Spread of the words' attention and how far two words differ, in the layer with the least spread, over the first frames of
    /// the episodes held out.</summary>
    private (double Spread, double Apart) Attention(TrainedPolicy trained)
    {
        var (spreads, distances) = (new List<double>(), new List<double>());
        foreach (var episode in data.HeldOut)
        {
            var trace = new AttentionTrace();
            using var pass = Pass.Evaluation(trace);
            trained.Decide(ActionError.Inputs(trained, episode, [0], pass), pass);
            var words = trained.Tokenizer.WordsOf(episode.Instruction).Count;
            var map = WordMap.Read(trace, 0, words, trained.Policy.Grid).MinBy(m => m.Spread())!;
            spreads.Add(map.Spread());
            for (var a = 0; a < words; a++)
                for (var b = 0; b < a; b++)
                    distances.Add(map.Mean(a).Zip(map.Mean(b), (x, y) => Math.Abs((double)x - y)).Sum() / 2);
        }

        return (spreads.Average(), distances.Average());
    }
}
