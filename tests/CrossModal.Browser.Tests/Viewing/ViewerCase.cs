using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using CrossModal.Policies;
using CrossModal.Server.Viewing;
using CrossModal.Tests.Policies;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>A viewer of made episodes on this machine, explained by small policies of random weights, the first with a monitor that always
/// asks to stop.</summary>
public sealed class ViewerCase : IAsyncLifetime
{
    public const string Method = "raw";
    private readonly TemporaryFolder _folder = new();
    private readonly FixedPolicies[] _policies = new FixedPolicies[2];
    private readonly ViewServer[] _servers = new ViewServer[2];

    public static PolicySignature Signature { get; } = new(
        [new Quantity("dx", "m"), new Quantity("dy", "m"), new Quantity("dz", "m"), PolicySignature.Close],
        Quantity.Numbered("state", SmallPolicy.Proprioception), MadeEpisodes.Names);

    /// <summary>The page with one policy.</summary>
    public Uri One => _servers[0].Address;

    /// <summary>The page with two policies side by side.</summary>
    public Uri Two => _servers[1].Address;

    internal MadeEpisodes Episodes { get; } = new();

    internal ViewedPolicy First => _policies[0].Find("small")!;

    public static Uri At(Uri page, string hash) => new(page, $"#{hash}");

    public async Task InitializeAsync()
    {
        var small = Trained(_folder["small"], 1, watched: true);
        _policies[0] = new FixedPolicies(new ViewedPolicy("small", small));
        _policies[1] = new FixedPolicies(new ViewedPolicy("small", small),
            new ViewedPolicy("other", Trained(_folder["other"], 2, watched: false)));
        for (var i = 0; i < 2; i++) _servers[i] = await ViewServer.StartAsync(Episodes, _policies[i]);
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        foreach (var policies in _policies) policies.Dispose();
        _folder.Dispose();
    }

    /// <summary>Waits until everything about the step is drawn and judged.</summary>
    public static async Task Settled(IPage page)
    {
        await page.WaitForFunctionAsync("""
            () => [...document.querySelectorAll('.picture canvas')].length > 0
              && [...document.querySelectorAll('.picture canvas')].every(c => c.dataset.step === document.querySelector('#step').value)
              && [...document.querySelectorAll('.verdict .outcome')].every(o => !/being measured|正在测量/.test(o.textContent))
            """);
    }

    /// <summary>A small policy with two cameras in a folder.</summary>
    internal static TrainedPolicy Trained(string folder, ulong seed, bool watched)
    {
        var options = SmallPolicy.Options();
        options = options with { Fusion = options.Fusion with { Views = 2 } };
        var trained = new TrainedPolicy(new LanguagePolicy(options, new RandomSource(seed)), SmallPolicy.Tokenizer,
            new Normalization(new float[3], [0.01f, 0.01f, 0.01f]),
                new Normalization(new float[SmallPolicy.Proprioception], [1, 1, 1, 1, 1]), "tabletop/pick")
        {
            Signature = Signature,
        };
        PolicyFolder.Save(folder, trained);
        if (!watched) return PolicyFolder.Load(folder);
        var runner = new PolicyRunner(trained, 1, 1, new PolicyRunOptions(), new CompiledWeights(), MonitorNeeds.Steps);
        runner.SetInstruction(0, "pick", allowUnknown: false);
        var layout = runner.SignalsOf(effectEvery: 0);
        var inputs = MonitorWindow.InputsOf(layout);
        new MonitorFile(layout, new MonitorNetwork(new float[inputs], new float[inputs], [new float[inputs]], [[2f]]), 0.8f, 0.1, 40)
            .Save(folder);
        return PolicyFolder.Load(folder);
    }
}
