using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using CrossModal.Engine.Kernels;
using CrossModal.Explain.Monitor;
using CrossModal.Policies;
using CrossModal.Server.Access;
using CrossModal.Server.Batching;
using CrossModal.Server.Operations;
using CrossModal.Server.Viewing;
using CrossModal.Server.Wires;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrossModal.Server;

/// <summary>Serves policies to robots over openpi's WebSocket, OpenVLA's <c>/act</c> and KServe version 2.</summary>
/// <remarks>Requests that arrive while a step runs form the next step. Nothing a client sends stops the server or loads anything.</remarks>
public sealed class PolicyServer : IAsyncDisposable
{
    private readonly ServerOptions _options;
    private readonly Func<string, IStepModel> _load;
    private readonly PolicyRegistry _policies = new();
    private readonly ConcurrentDictionary<ServedPolicy, ObservationMapping> _mappings = new();
    private readonly ServerMetrics _metrics;
    private readonly Workers _workers;
    private readonly ServedPolicies _viewed;
    private WebApplication? _application;
    private ILogger? _log;

    private PolicyServer(ServerOptions options, Func<string, IStepModel>? load)
    {
        _options = options;
        _workers = new Workers(options.Threads);
        _viewed = new ServedPolicies(_policies);
        _load = load ?? (folder => new PolicyModel(PolicyFolder.Load(folder), options.Limits.Batch, options.Clip, _workers,
            options.Monitor ? MonitorBeside(folder) : null));
        _metrics = new ServerMetrics(() => _policies.Waiting);
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:8000</c>.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>Requests that wait for a step.</summary>
    internal int Waiting => _policies.Waiting;

    /// <summary>Loads the policies, and begins to listen and to warm up.</summary>
    /// <param name="options">What it serves, and how.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="ArgumentException">There is no policy, a name is used twice, a mapping does not fit, or an address other than
    /// loopback has no keys.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">A policy or the file of keys is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read, or the port is in use.</exception>
    public static Task<PolicyServer> StartAsync(ServerOptions options, CancellationToken cancellation = default) =>
        StartAsync(options, null, cancellation);

    /// <summary>The same with another way to load a policy, for tests.</summary>
    internal static async Task<PolicyServer> StartAsync(ServerOptions options, Func<string, IStepModel>? load,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        var server = new PolicyServer(options, load);
        try
        {
            var keys = options.Listen.KeysFile is { } file ? new ApiKeys(file) : null;
            var certificate = options.Listen.CertificateFile is { } pem
                ? ServerCertificate.Read(pem, options.Listen.CertificateKeyFile) : null;
            foreach (var (name, folder) in options.Policies) server.Load(name, folder);
            await server.Listen(keys, certificate, cancellation).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends once every policy was warmed up.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation = default)
    {
        foreach (var name in _policies.Names) await _policies.Get(name).Ready.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Loads every policy's folder again, and puts what was loaded in its place once it is warmed up; connections stay.</summary>
    /// <returns>What could not be loaded, and why; that policy stays as it is.</returns>
    public async Task<IReadOnlyList<string>> ReloadAsync()
    {
        var problems = new List<string>();
        foreach (var (name, folder) in _options.Policies)
        {
            try
            {
                var policy = Make(name, folder);
                await policy.WarmUp().ConfigureAwait(false);
                _policies.Set(policy);
                _log?.Reloaded(name);
            }
            catch (Exception exception) when (exception is ArgumentException or IOException or Engine.Formats.FileFormatException)
            {
                _log?.NotReloaded(name, exception.Message);
                problems.Add($"{name}: {exception.Message}");
            }
        }

        return problems;
    }

    /// <summary>Takes no further connections, answers what is under way, and ends.</summary>
    public async Task StopAsync()
    {
        if (_application is { } application) await application.StopAsync().ConfigureAwait(false);
        _policies.Close();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_application is { } application) await application.DisposeAsync().ConfigureAwait(false);
        _viewed.Dispose();
        _metrics.Dispose();
        _workers.Dispose();
    }

    private static GroundingMonitor MonitorBeside(string folder) =>
        GroundingMonitor.Load(Path.GetDirectoryName(Path.GetFullPath(PolicyFolder.WeightsPath(folder)))!);

    private static void Check(ServerOptions options)
    {
        options.Limits.Check();
        if (options.Policies.Count == 0) throw new ArgumentException("PolicyServer: there is no policy to serve");
        if (options.Policies.GroupBy(p => p.Key).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"PolicyServer: two policies are named '{twice.Key}'");
        if (options.Listen is { CertificateKeyFile: not null, CertificateFile: null })
            throw new ArgumentException("PolicyServer: the private key of a certificate is given, the certificate is not");
        if (!options.Listen.IsLoopback && options.Listen.KeysFile is null)
            throw new ArgumentException(
                $"PolicyServer: {options.Listen.Address} can be reached from other machines, so a file of keys is needed; loopback needs none");
    }

    private void Load(string name, string folder) => _policies.Set(Make(name, folder));

    private ServedPolicy Make(string name, string folder)
    {
        var model = _load(folder);
        var mapping = ObservationMapping.Load(_options.Mapping, model.Signature);
        var waiting = new BatchOptions
        {
            MostWaiting = _options.Limits.Waiting,
            LongestWait = _options.Limits.LongestWait,
            MostWaitingOfClient = Math.Max(16, _options.Limits.Batch),
        };
        var policy = new ServedPolicy(name, model, waiting, _options.Limits.ActionMargin, _metrics);
        _mappings[policy] = mapping;
        foreach (var old in _mappings.Keys.Where(p => p.Name == name && p != policy && p != Current(name))) _mappings.TryRemove(old, out _);
        return policy;

        ServedPolicy? Current(string served) => _policies.Names.Contains(served) ? _policies.Get(served) : null;
    }

    private async Task Listen(ApiKeys? keys, X509Certificate2? certificate, CancellationToken cancellation)
    {
        var builder = HttpHost.Builder(_options.Listen.Address, _options.Listen.Port, Limit, certificate);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
        Telemetry.Add(builder, _options.JsonLog);
        _application = builder.Build();
        _log = _application.Services.GetRequiredService<ILoggerFactory>().CreateLogger("CrossModal.Server");
        var sockets = new SocketLimits
        {
            LargestMessage = _options.Limits.LargestMessage,
            LongestMessage = _options.Limits.LongestMessage,
            MessagesPerSecond = _options.Limits.RequestsPerSecond,
            Ping = _options.Limits.Ping,
            PingAnswer = _options.Limits.PingAnswer,
            Compression = _options.Listen.Compression,
        };
        var live = new LiveSteps(_policies);
        new ServerRoutes(new StepService(_policies, _metrics, live), policy => _mappings[policy], sockets, keys, _options.Limits.Batch,
            new KeptPast(_options.Limits.PastBytes), new ViewRoutes(new ViewApi(live, _viewed, null)), _log).Map(_application);
        Address = await HttpHost.Start(_application, cancellation).ConfigureAwait(false);
        _ = WarmUp();
    }

    private async Task WarmUp()
    {
        foreach (var name in _policies.Names)
        {
            await _policies.Get(name).WarmUp().ConfigureAwait(false);
            _log!.Ready(name);
        }
    }

    private void Limit(KestrelServerLimits kestrel)
    {
        var limits = _options.Limits;
        kestrel.MaxConcurrentConnections = limits.Connections;
        kestrel.MaxConcurrentUpgradedConnections = limits.Connections;
        kestrel.MaxRequestBodySize = limits.LargestMessage;
        kestrel.RequestHeadersTimeout = limits.LongestMessage;
        kestrel.MaxRequestHeadersTotalSize = 16 << 10;
    }
}
