namespace Tare.Runtime.Containers;

/// <summary>What a failure of the runtime means to its caller.</summary>
public enum ErrorKind
{
    /// <summary>A step of the set-up failed.</summary>
    Step,

    /// <summary>The configuration or the request is wrong.</summary>
    Invalid,

    /// <summary>There is no such container.</summary>
    NotFound,

    /// <summary>The container is not in the state that the operation needs.</summary>
    WrongState,

    /// <summary>The command does not exist in the container: exit code 127 by convention.</summary>
    ExecNotFound,

    /// <summary>The command exists and may not be executed: exit code 126 by convention.</summary>
    ExecDenied,
}
