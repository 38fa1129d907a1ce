using CrossModal.Publish.Encoders;
using CrossModal.Publish.Questions;
using CrossModal.Publish.Repeating;

namespace CrossModal.Publish.Pages;

/// <summary>What experiments other than the comparison gave, as tables and values of documents.</summary>
internal static class RecordedAnswers
{
    /// <summary>The answers to questions there are in a folder, the experiment on pretrained encoders, the repetition of cells.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">A file is damaged; the message names it.</exception>
    public static IReadOnlyList<Answer> ReadAll(string folder)
    {
        var answers = Answer.ReadAll(folder).ToList();
        if (EncoderStudy.Find(folder) is { } study) answers.Add(EncoderTables.Of(study));
        if (Repetition.Find(folder) is { } repetition) answers.Add(repetition.Answer);
        return answers;
    }
}
