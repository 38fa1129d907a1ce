namespace CrossModal.Explain.Monitor;

/// <summary>What a monitor is given of the steps of a policy.</summary>
internal enum MonitorNeeds
{
    /// <summary>There is no monitor.</summary>
    Nothing,

    /// <summary>What a step computes anyway.</summary>
    Steps,

    /// <summary>That, and at some steps the counterfactual effect.</summary>
    StepsAndEffects,
}
