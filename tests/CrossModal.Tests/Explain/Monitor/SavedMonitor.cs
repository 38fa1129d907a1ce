using CrossModal.Explain.Monitor;

namespace CrossModal.Tests.Explain.Monitor;

/// <summary>A monitor with weights set by hand.</summary>
internal sealed record SavedMonitor(MonitorLayout Layout, MonitorNetwork Weights)
{
    /// <summary>A monitor whose logit is always the same.</summary>
    public static SavedMonitor Network(MonitorLayout layout, float logit)
    {
        var inputs = MonitorWindow.InputsOf(layout);
        return new SavedMonitor(layout, new MonitorNetwork(new float[inputs], new float[inputs], [new float[inputs]], [[logit]]));
    }

    /// <summary>A monitor whose logit is the counterfactual effect on the action.</summary>
    public static SavedMonitor OfTheEffect(MonitorLayout layout)
    {
        var inputs = MonitorWindow.InputsOf(layout);
        var (scale, weight) = (new float[inputs], new float[inputs]);
        (scale[^3], weight[^3]) = (1, 1);
        return new SavedMonitor(layout, new MonitorNetwork(new float[inputs], scale, [weight], [[0f]]));
    }

    /// <summary>Writes it beside a policy.</summary>
    public void Save(string folder, float threshold) => new MonitorFile(Layout, Weights, threshold, 0.1, 40).Save(folder);
}
