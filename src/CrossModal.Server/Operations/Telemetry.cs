using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CrossModal.Server.Operations;

/// <summary>Logs, metrics and traces of a server.</summary>
internal static class Telemetry
{
    // The variable by which OpenTelemetry's own tools are told where to send traces.
    private const string TracesTo = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds them to a server that is being built.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="json">Whether log lines are JSON.</param>
    public static void Add(WebApplicationBuilder builder, bool json)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        if (json) builder.Logging.AddJsonConsole(o => o.UseUtcTimestamp = true);
        else builder.Logging.AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat, o.UseUtcTimestamp) = (true, "HH:mm:ss ", true));
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(ServerMetrics.Name).AddPrometheusExporter());
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TracesTo)))
            telemetry.WithTracing(traces => traces.AddSource(ServerMetrics.Name).AddAspNetCoreInstrumentation().AddOtlpExporter());
    }
}
