using System.Collections;
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Server;
using CrossModal.Server.Wires;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal serve</c>: serves trained policies to robots.</summary>
internal sealed class ServeCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "serve";

    private readonly Argument<string[]> _runs;
    private readonly Option<string?> _config;
    private readonly Option<string?> _listen;
    private readonly Option<int> _port;
    private readonly Option<string?> _keys;
    private readonly Option<string?> _certificate;
    private readonly Option<string?> _certificateKey;
    private readonly Option<string?> _client;
    private readonly Option<int> _batch;
    private readonly Option<int> _threads;
    private readonly Option<bool> _clip;
    private readonly Option<bool> _monitor;
    private readonly Option<string?> _log;
    private readonly Option<bool> _check;

    /// <summary>Makes the command.</summary>
    public ServeCommand()
        : base(Word, "Serve trained policies to robots: openpi's WebSocket, OpenVLA's /act, KServe v2",
            "crossmodal serve runs/demo", "crossmodal serve pick=runs/pick place=runs/place --listen 0.0.0.0 --keys keys.txt",
                "crossmodal serve runs/libero --client libero --config serve.json")
    {
        Arguments.Add(_runs = new Argument<string[]>("run")
        {
            Description = "Folders of trained policies, as RUN or NAME=RUN; clients that name none get the first",
            Arity = ArgumentArity.ZeroOrMore,
        });
        AddWith();
        _config = AddText("--config",
            $"JSON file of settings: \"policies\": {{\"name\": \"folder\"}} and {string.Join(", ", ServerSettings.Names)}; variables of the " +
            $"environment {ServerSettings.Prefix}PORT and so on go before it, options before both", "file");
        _listen = AddText("--listen", "Address; any but loopback needs --keys", "address", byDefault: "127.0.0.1");
        _port = AddWhole("--port", "Port; 0 takes a free one", 8000, least: 0, most: ushort.MaxValue);
        _keys = AddText("--keys", "File with a line 'name: key' for each client; removing a line revokes its key", "file");
        _certificate = AddText("--certificate", "PEM file with the certificate for TLS", "file");
        _certificateKey = AddText("--certificate-key", "PEM file with its private key, if not in the same file", "file");
        _client = AddText("--client",
            $"Where messages hold pictures, state and instruction: {string.Join(", ", ObservationMapping.ReadyMade)}, or a JSON file",
                "mapping",
            byDefault: "own");
        _batch = AddWhole("--batch", "Observations in one step at most", 16, least: 1, most: 1024);
        _threads = AddWhole("--threads", "Threads a step may use", 1, least: 1, most: 1024);
        _clip = AddFlag("--clip", "Limit actions to the range of the training data, instead of refusing those outside");
        _monitor = AddFlag("--monitor",
            "Say with every action what the monitor beside the policy makes of the episode: score, and whether to stop");
        _log = Among(AddText("--log", "Log lines as text or json", "form", byDefault: "text"), () => ["text", "json"]);
        _check = AddFlag("--check", "Load everything, warm up, say what would be served, and end");
    }

    /// <inheritdoc/>
    protected override bool RunsUntilStopped => true;

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        ServerOptions options;
        try
        {
            options = Settings(context);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message);
        }

        return Serve(context, options).GetAwaiter().GetResult();
    }

    private async Task<int> Serve(CommandContext context, ServerOptions options)
    {
        var texts = new ServeTexts(context.Language);
        await using var server = await Start(options, context.Stop).ConfigureAwait(false);
        context.Print(texts.Listening(server.Address.ToString(), options.Policies.Select(p => p.Key)));
        context.Result["address"] = server.Address.ToString();
        if (options.Listen is { KeysFile: not null, CertificateFile: null, IsLoopback: false }) context.Warn(texts.NoTls);
        await server.WaitUntilReadyAsync(context.Stop).ConfigureAwait(false);
        context.Print(texts.Ready);
        if (context.Get(_check)) return ExitCodes.Success;
        using var again = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = server.ReloadAsync();
        });
        await Task.Delay(Timeout.Infinite, context.Stop).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        context.Print(texts.Stopping);
        await server.StopAsync().ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static async Task<PolicyServer> Start(ServerOptions options, CancellationToken stop)
    {
        try
        {
            return await PolicyServer.StartAsync(options, stop).ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message.Replace("PolicyServer: ", "", StringComparison.Ordinal));
        }
    }

    private ServerOptions Settings(CommandContext context)
    {
        var options = new ServerOptions { Policies = [.. context.Get(_runs)!.Select(Named)] };
        var given = options.Policies;
        if (context.Get(_config) is { } file) options = ServerSettings.OfFile(options, file);
        options = ServerSettings.OfEnvironment(options, Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(v => KeyValuePair.Create((string)v.Key, (string?)v.Value ?? "")));
        options = ServerSettings.Apply(options, Flags(context), "serve");
        if (given.Count > 0) options = options with { Policies = given };
        return options.Policies.Count > 0 ? options : throw new UsageException("serve needs the folder of a trained policy");
    }

    private IEnumerable<KeyValuePair<string, string>> Flags(CommandContext context)
    {
        foreach (var option in new Option<string?>[] { _listen, _keys, _certificate, _certificateKey, _client, _log })
            if (context.IsGiven(option)) yield return new(option.Name[2..], context.Get(option)!);
        foreach (var option in new[] { _port, _batch, _threads })
            if (context.IsGiven(option)) yield return new(option.Name[2..], context.Get(option).ToString(CultureInfo.InvariantCulture));
        if (context.IsGiven(_monitor)) yield return new("monitor", context.Get(_monitor) ? "true" : "false");
        if (context.IsGiven(_clip)) yield return new("clip", context.Get(_clip) ? "true" : "false");
    }

    /// <summary>A policy under the name given, or that of its folder.</summary>
    private static KeyValuePair<string, string> Named(string run)
    {
        var equals = run.IndexOf('=', StringComparison.Ordinal);
        var (name, folder) = equals > 0 && !run[..equals].Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? (run[..equals], run[(equals + 1)..]) : (Path.GetFileName(Path.TrimEndingDirectorySeparator(run)), run);
        if (folder.Length == 0 || run.Contains('\0', StringComparison.Ordinal))
            throw new UsageException($"serve: '{run}' is no folder of a policy");
        return KeyValuePair.Create(name.Length == 0 ? "policy" : name, folder);
    }
}
