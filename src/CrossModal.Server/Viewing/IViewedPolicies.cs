namespace CrossModal.Server.Viewing;

/// <summary>The policies whose decisions a page explains.</summary>
internal interface IViewedPolicies
{
    /// <summary>Their names, in the order they are shown.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>A policy; null when there is none of that name, or it cannot be explained.</summary>
    ViewedPolicy? Find(string name);
}

/// <summary>Policies that stay while the page is open.</summary>
/// <param name="policies">The policies, shown side by side.</param>
internal sealed class FixedPolicies(params IReadOnlyList<ViewedPolicy> policies) : IViewedPolicies, IDisposable
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names => [.. policies.Select(p => p.Name)];

    /// <inheritdoc/>
    public ViewedPolicy? Find(string name) => policies.FirstOrDefault(p => p.Name == name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var policy in policies) policy.Dispose();
    }
}
