namespace Tare.Runtime.Checkpoint;

/// <summary>What criu does about cgroups (criu(8), --manage-cgroups; images/rpc.proto, criu_cg_mode).</summary>
internal enum CgroupRestoreMode
{
    /// <summary>Nothing: processes are born where criu is.</summary>
    Ignore = 0,

    /// <summary>Properties of groups that restore makes.</summary>
    Soft = 3,

    /// <summary>Properties of all groups.</summary>
    Full = 4,

    /// <summary>As full, and no group may exist.</summary>
    Strict = 5,

    /// <summary>What criu thinks best: soft.</summary>
    Default = 6,
}
