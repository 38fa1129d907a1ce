using System.Text.Json;
using CrossModal.Datasets;
using CrossModal.Explain;
using CrossModal.Imaging;

namespace CrossModal.Server.Viewing;

/// <summary>What a page must know before it asks for episodes.</summary>
internal static class AboutJson
{
    private const int Shades = 256;

    /// <summary>Title, policies with their methods, colours and scale of maps.</summary>
    public static byte[] Of(IEpisodeSource source, IViewedPolicies policies, string? language, ViewQuery? saved) => ViewJson.Object(json =>
    {
        json.WriteString("title", source.Title);
        json.WriteBoolean("live", source.IsLive && saved is null);
        json.WriteBoolean("film", Ffmpeg.IsInstalled && saved is null);
        json.WriteBoolean("saved", saved is not null);
        json.WriteString("language", language);
        json.List("policies", policies.Names, name => Policy(json, name, policies.Find(name), saved));
        json.WriteStartObject("scale");
        Scale(json, new HeatMapOptions());
        json.WriteEndObject();
    });

    private static void Policy(Utf8JsonWriter json, string name, ViewedPolicy? policy, ViewQuery? saved)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        if (policy is not null)
        {
            json.WriteString("strategy", policy.Strategy);
            json.WriteString("method", saved?.Map(policy).Method ?? policy.Method);
            json.WriteNumber("side", policy.Policy.ImageSize);
            json.WriteNumber("rows", policy.Policy.Grid.Rows);
            json.WriteNumber("columns", policy.Policy.Grid.Columns);
            json.Texts("targets", saved is null ? policy.Targets : [saved.Optional("target") ?? policy.Targets[0]]);
            json.List("methods", MapMethods.All.Where(m => saved is null || m.Name == saved.Map(policy).Method), method =>
            {
                json.WriteStartObject();
                json.WriteString("name", method.Name);
                json.WriteBoolean("ofWords", method.OfWords);
                json.WriteBoolean("ofTarget", method.Needs.HasFlag(MapNeeds.Gradients) || method.Needs.HasFlag(MapNeeds.Passes));
                json.WriteEndObject();
            });
        }

        json.WriteEndObject();
    }

    /// <summary>The colours and the scale that reports have.</summary>
    private static void Scale(Utf8JsonWriter json, HeatMapOptions options)
    {
        json.WriteString("unit", options.Scale.Unit);
        json.WriteNumber("alpha", options.AlphaMax);
        json.WriteNumber("power", HeatMap.AlphaPower);
        json.WriteNumber("brightness", HeatMap.PhotoBrightness);
        json.WriteNumber("low", options.Scale.Low);
        json.WriteNumber("high", options.Scale.High);
        json.List("colors", Enumerable.Range(0, Shades).Select(i => options.Map.At(i / (Shades - 1.0))), color =>
            json.WriteNumberValue(color.R << 16 | color.G << 8 | color.B));
        json.List("ticks", options.Scale.Ticks, tick =>
        {
            json.WriteStartObject();
            json.Number("position", tick.Position);
            json.WriteString("label", tick.Label);
            json.WriteEndObject();
        });
    }
}
