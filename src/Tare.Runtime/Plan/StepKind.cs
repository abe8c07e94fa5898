namespace Tare.Runtime.Plan;

/// <summary>What the child does at a step.</summary>
internal enum StepKind
{
    /// <summary>One system call.</summary>
    SystemCall,

    /// <summary>Puts the value of the slot in argument 1 into the 32-bit word at the address in argument 0.</summary>
    StoreSlot,

    /// <summary>Puts argument 0 into the result slot.</summary>
    SetSlot,

    /// <summary>Puts the 32-bit word at the address in argument 0, under the mask in argument 1, into the result slot.</summary>
    LoadSlot,

    /// <summary>Reports the errno that the slot in argument 0 holds.</summary>
    Fail,

    /// <summary>Fails with EEXIST unless the 32-bit word at the address in argument 0, under the mask in argument 1, is argument 2.</summary>
    Expect,

    /// <summary>Tells the parent that the sync point in argument 0 is reached, with the number in argument 2, and waits for its byte where argument 1 is not 0.</summary>
    Sync,

    /// <summary>Fails with ENOENT unless the working directory is inside the root: getcwd(2) gives an absolute path then.</summary>
    VerifyWorkingDirectory,

    /// <summary>
    /// Forks: the child goes on with the next step, and this process stays as a small init which reaps orphans, passes signals on, and ends as the
    /// child ends.
    /// </summary>
    BecomeInit,

    /// <summary>
    /// Forks: a sibling goes on with the next step, in the pid namespace that this process has chosen for its children, and this process tells the
    /// parent the sibling's pid, and ends.
    /// </summary>
    BecomeSibling,

    /// <summary>Copies the content of the directory in argument 1 to that in argument 2, by the <see cref="TreeCopy"/> at the address in argument 0.</summary>
    CopyTree,

    /// <summary>Makes what is missing of the path at the address in argument 1, inside the root in argument 0; its end is a directory where argument 2 is not 0.</summary>
    MakePath,

    /// <summary>Closes the descriptors from that in argument 0 on, but for those in arguments 1 to 5 (negative for none) and the pipes to and from the parent.</summary>
    CloseOthers,

    /// <summary>Runs the hook that the <see cref="HookCall"/> at the address in argument 0 describes, and waits for it.</summary>
    RunHook,
}
