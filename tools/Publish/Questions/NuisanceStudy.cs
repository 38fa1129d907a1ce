using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Cli.Diagnosis;
using CrossModal.Engine.Formats;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Questions;

/// <summary>NMR@10 of policies over scenes of new layouts; what was measured is kept in a file and not measured again.</summary>
/// <param name="scenes">Scenes of each policy and task.</param>
/// <param name="seed">Seed of the scenes.</param>
/// <param name="folder">The folder of the file.</param>
internal sealed class NuisanceStudy(int scenes, ulong seed, string folder)
{
    private readonly string _path = Path.Combine(folder, "nuisance.json");
    private JsonObject? _measured;

    /// <summary>The mean share over scenes of the most important tenth of patches that shows neither target nor hand.</summary>
    /// <param name="policyFolder">The folder of the policy.</param>
    /// <param name="trained">The policy.</param>
    /// <param name="task">The task of the scenes.</param>
    /// <exception cref="FileFormatException">The file of what was measured is damaged.</exception>
    public double Measure(string policyFolder, TrainedPolicy trained, RobotTask task)
    {
        _measured ??= Read();
        var weights = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PolicyFolder.WeightsPath(policyFolder))))[..12];
        var name = $"{weights}-{task.Name}-{scenes}-{seed}";
        if (_measured[name] is { } known) return known.GetValue<double>();
        var method = new MaskedImportance();
        var share = TabletopCases.Draw(trained, task, Split.S0, scenes, seed).Average(example =>
        {
            var decision = trained.Explained(CaseInput.Of(trained, example, example.Words) with { Mask = null },
                ExplanationTarget.Direction);
            return NuisanceShare.Of(method.Compute(decision).Joined(null), decision.Grid, example.Scene!.Own, example.Scene.Frames);
        });
        _measured[name] = share;
        Directory.CreateDirectory(folder);
        AtomicFile.Write(_path, stream => JsonSerializer.Serialize(stream, _measured));
        return share;
    }

    private JsonObject Read()
    {
        try
        {
            return File.Exists(_path) ? JsonNode.Parse(File.ReadAllBytes(_path))!.AsObject() : [];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FileFormatException(_path, $"is damaged: {Failure.Reason(error)}; remove it and the policies are measured again",
                error);
        }
    }
}
