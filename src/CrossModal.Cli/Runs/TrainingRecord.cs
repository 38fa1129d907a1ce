using System.Text.Json.Nodes;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>What a result file says of every training on the tabletop, whatever is measured afterwards.</summary>
internal static class TrainingRecord
{
    /// <summary>Writes it.</summary>
    /// <param name="result">The result under way.</param>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="parameters">Number of parameters trained.</param>
    /// <param name="seed">Seed of weights and data.</param>
    /// <param name="training">How training went.</param>
    /// <param name="policy">What the policy is made of.</param>
    /// <param name="recipe">How it was trained, as JSON.</param>
    public static void Write(JsonObject result, string strategy, long parameters, ulong seed, TrainingSummary training,
        PolicyOptions policy, JsonNode? recipe)
    {
        result["strategy"] = strategy;
        result["parameters"] = parameters;
        result["seed"] = seed;
        result["steps"] = training.Step;
        result["trainingSeconds"] = Math.Round(training.Elapsed.TotalSeconds, 1);
        result["machine"] = Machine.Line;
        result["configuration"] = new JsonObject { ["policy"] = PolicyJson.NodeOf(policy), ["recipe"] = recipe };
    }
}
