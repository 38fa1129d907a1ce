using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Cli.Comparisons;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Tests.Comparisons;

/// <summary>The description of a run is compared with that of an earlier one: it does not change.</summary>
public sealed class ProtocolJsonTests
{
    [Fact]
    public void A_protocol_is_stated_as_reflection_stated_it()
    {
        var reflected = new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        foreach (var protocol in (ComparisonProtocol[])[ComparisonProtocols.Full, ComparisonProtocols.Quick, ComparisonProtocols.Default])
            Assert.Equal(JsonSerializer.Serialize(protocol, reflected), ProtocolJson.NodeOf(protocol).ToJsonString());
    }

    [Fact]
    public void A_configuration_of_every_ablation_is_stated_as_reflection_states_it()
    {
        var (reflected, ours) =
            (new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() },
            ProtocolJson.Options(isIndented: false));
        var cells = new ComparisonPlan(ComparisonProtocols.Full).Cells(ComparisonGroups.Ablations.ToArray(), _ => null);
        Assert.NotEmpty(cells);
        foreach (var configuration in cells.Select(cell => cell.Configuration))
            Assert.Equal(JsonSerializer.Serialize(configuration, reflected),
                JsonSerializer.Serialize(configuration, ours.GetTypeInfo(typeof(CellConfiguration))));
    }
}
