using CrossModal.Benchmarks;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Benchmarks.Startup;

if (args is ["startup", .. var rest]) return StartupMeasurement.Run(rest);
Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

Report.PrintHead();
var results = new List<Measurement>();
foreach (var threads in arguments.Threads)
{
    var measured = Measuring.Run(threads, KernelCases.All());
    Report.Print(measured);
    results.AddRange(measured);
}

if (arguments.Json is { } file) Report.WriteJson(file, results);
return 0;
