namespace Tare.Engine.Errors;

/// <summary>The kinds of failure that every layer shares; a door maps each to its protocol's status in one table.</summary>
public enum ErrorClass
{
    /// <summary>A fault of Tare itself, or of the machine below it.</summary>
    Internal,

    /// <summary>What was named does not exist.</summary>
    NotFound,

    /// <summary>What was to be made exists already.</summary>
    AlreadyExists,

    /// <summary>The state of the thing forbids the operation now.</summary>
    Conflict,

    /// <summary>The request itself is wrong, whatever the state.</summary>
    InvalidArgument,

    /// <summary>Something else must be done first.</summary>
    FailedPrecondition,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied,

    /// <summary>The caller, or Tare towards a registry, has no valid credentials.</summary>
    Unauthenticated,

    /// <summary>Disk, memory, ports or addresses are used up.</summary>
    ResourceExhausted,

    /// <summary>Something needed does not answer now; trying again may help.</summary>
    Unavailable,

    /// <summary>Tare does not know this operation or option.</summary>
    NotImplemented,

    /// <summary>The caller gave up.</summary>
    Cancelled,

    /// <summary>Data is corrupt or incomplete: a digest does not match, a file is truncated.</summary>
    DataLoss,

    /// <summary>The wished state is the present one: nothing was done.</summary>
    NotModified,
}
