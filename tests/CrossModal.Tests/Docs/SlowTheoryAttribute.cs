namespace CrossModal.Tests.Docs;

/// <summary>A theory that runs on a build server, or with CROSSMODAL_SLOW_TESTS=1; elsewhere it is reported as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlowTheoryAttribute : TheoryAttribute
{
    public SlowTheoryAttribute()
    {
        if (!IsSet("CI") && !IsSet("CROSSMODAL_SLOW_TESTS")) Skip = "takes minutes; runs where CI or CROSSMODAL_SLOW_TESTS is set to 1 or true";
    }

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is "1" or "true" or "True";
}
