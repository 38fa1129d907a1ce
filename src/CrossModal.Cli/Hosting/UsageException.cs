namespace CrossModal.Cli.Hosting;

/// <summary>Options that are each right do not make sense together; the frame prints the message with a hint to the command's
/// help.</summary>
/// <param name="message">What is wrong, without a full stop.</param>
/// <param name="cause">What found it out, if anything did.</param>
internal sealed class UsageException(string message, Exception? cause = null) : Exception(message, cause);
