// Results of a comparison from C#: rows with success shares and their 95 % intervals over training runs and episodes, and paired tests.
//     dotnet run samples/experiments.cs -c Release
// prints
//     strategy                                 runs  success on new layouts (S0)   on unseen pairs (Z1)
//     Co-Attention, 4 layers                      5  99.1 % [98.9, 99.3]           94.8 % [90.5, 97.6]
//     Cross-Attention, 4 layers                   5  97.5 % [97.2, 97.9]           90.8 % [86.5, 94.4]
//     Cross-Attention, 2 layers                   5  88.6 % [78.8, 97.3]           82.9 % [73.2, 92.2]
//     Two views, averaged                         5  88.1 % [78.8, 95.8]           82.0 % [73.7, 89.0]
//     Two views, jointly                          3  87.6 % [80.7, 96.0]           82.8 % [75.3, 92.4]
//     Co-Attention, 1 layer                       3  81.3 % [78.1, 85.3]           71.2 % [67.3, 74.5]
//     Cross-Attention, 1 layer                    5  80.4 % [79.4, 81.5]           74.4 % [70.9, 77.5]
//     The textbook's network, to the letter       3  79.9 % [74.5, 86.6]           72.1 % [61.0, 82.9]
//     The textbook's block, to the letter         3  78.6 % [76.1, 80.7]           74.2 % [71.6, 77.0]
//     Concatenation of tokens                     3  78.6 % [75.7, 82.2]           71.5 % [66.8, 75.5]
//     Perceiver, 32 latents                       3  41.5 % [15.1, 63.9]           30.3 % [8.4, 51.6]
//     Perceiver, 8 latents                        5  38.0 % [13.5, 62.5]           28.7 % [8.9, 48.4]
//     Concatenation, mean-pooled                  5  0.0 % [0.0, 0.0]              0.0 % [0.0, 0.0]
//
//     Co-Attention, 4 layers − Cross-Attention, 4 layers: +1.6 points [1.1, 2.1], McNemar p = 0.0000
//     Cross-Attention, 4 layers − Cross-Attention, 2 layers: +8.9 points [0.4, 18.5], McNemar p = 0.0000
//     Cross-Attention, 2 layers − Co-Attention, 1 layer: +9.9 points [-6.1, 19.1], McNemar p = 0.0000
//
//     own runs: 89.0 % [83.5, 94.0]; difference of four episodes: 0.25 [0.00, 0.75]
#:project ../src/CrossModal.Experiments/CrossModal.Experiments.csproj
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Statistics;

// What `crossmodal compare` wrote: here the published comparison.
var results = Results.Load("docs/results");
Console.WriteLine($"{"strategy",-40} {"runs",4}  success on new layouts (S0)   on unseen pairs (Z1)");
foreach (var row in results.Ranking(Results.NewLayouts))
{
    var (seen, unseen) = (row.Success(Results.NewLayouts)!, row.Success(Results.UnseenPairs)!);
    Console.WriteLine($"{row.Label,-40} {seen.Runs.Count,4}  {seen,-28}  {unseen}");
}

// Each against the next that does not still rise at the end of its training, on the same episodes after training runs of the same seeds; p-values are corrected together (Holm).
Console.WriteLine();
foreach (var test in results.Neighbours(Results.NewLayouts).Take(3))
    Console.WriteLine($"{test.First.Label} − {test.Second.Label}: {100 * test.Difference.Value:+0.0;-0.0} points [{100 * test.Difference.Lower:0.0}, {100 * test.Difference.Upper:0.0}], McNemar p = {test.Adjusted:0.0000}");

// The statistics work on any counts: two training runs of one's own, 91 and 87 of 100 episodes.
var own = new Share([(91, 100), (87, 100)]);
var difference = Bootstrap.Difference([[true, false, true, true]], [[true, true, true, true]]);
Console.WriteLine();
Console.WriteLine($"own runs: {own}; difference of four episodes: {difference.Value:0.00} [{difference.Lower:0.00}, {difference.Upper:0.00}]");
