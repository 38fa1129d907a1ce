using System.Text.Json.Serialization;
using CrossModal.Tabletop.Language;

namespace CrossModal.Experiments.Cells;

/// <summary>Where the attention of one kind of word lies in one layer, on new layouts (S0).</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Layer">Name of the attention.</param>
/// <param name="Kind">Kind of word.</param>
/// <param name="Words">Words judged.</param>
/// <param name="Pointed">Words whose most attended patch touches the right object.</param>
/// <param name="Mass">Mean share of attention on the right object.</param>
/// <param name="Area">Mean share of the picture it covers.</param>
public sealed record GroundingRecord(string Task, string Layer, WordKind Kind, int Words, int Pointed, double Mass, double Area)
{
    /// <summary>Mass over area; 1 is chance.</summary>
    [JsonIgnore]
    public double Lift => Area > 0 ? Mass / Area : 0;
}
