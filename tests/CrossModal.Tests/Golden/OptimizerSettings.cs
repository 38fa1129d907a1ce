using System.Globalization;
using CrossModal.Training;

namespace CrossModal.Tests.Golden;

/// <summary>An optimiser as a case describes it; the defaults are torch's.</summary>
/// <param name="Name">Name of torch's class.</param>
internal sealed record OptimizerSettings(string Name)
{
    public double[] Betas { get; init; } = [0.9, 0.999];

    public double Epsilon { get; init; } = 1e-8;

    public bool AmsGrad { get; init; }

    public double Momentum { get; init; }

    public double Dampening { get; init; }

    public bool Nesterov { get; init; }

    public double DefaultDecay => Name == "AdamW" ? 0.01 : 0;

    /// <summary>The settings of a text such as "AdamW betas (0.9, 0.98) eps 1e-8" or "SGD momentum 0.9 nesterov".</summary>
    /// <exception cref="InvalidDataException">It says something else.</exception>
    public static OptimizerSettings Parse(string text)
    {
        var words = new Queue<string>(text.Split([' ', ',', '(', ')'], StringSplitOptions.RemoveEmptyEntries));
        var settings = new OptimizerSettings(words.Dequeue());
        while (words.TryDequeue(out var option))
        {
            settings = option switch
            {
                "betas" => settings with { Betas = [Number(), Number()] },
                "eps" => settings with { Epsilon = Number() },
                "amsgrad" => settings with { AmsGrad = true },
                "momentum" => settings with { Momentum = Number() },
                "dampening" => settings with { Dampening = Number() },
                "nesterov" => settings with { Nesterov = true },
                _ => throw new InvalidDataException($"'{option}' of the optimiser '{text}' is not read"),
            };
        }

        return settings;

        double Number() => words.TryDequeue(out var word) && double.TryParse(word, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"the optimiser '{text}' is not read: a number is missing");
    }

    public Optimizer Create(IReadOnlyList<ParameterGroup> groups, double rate) => Name switch
    {
        "AdamW" => new AdamW(groups, rate, Betas[0], Betas[1], Epsilon, AmsGrad),
        "Adam" => new Adam(groups, rate, Betas[0], Betas[1], Epsilon, AmsGrad),
        "SGD" => new Sgd(groups, rate, Momentum, Dampening, Nesterov),
        _ => throw new InvalidDataException($"no optimiser is '{Name}'"),
    };
}
