namespace Tare.Linux.Seccomp;

/// <summary>How a system call's argument is compared: unsigned, on 64 bits (32 on 32-bit architectures).</summary>
public enum SeccompOperator
{
    /// <summary>argument != value.</summary>
    NotEqual,

    /// <summary>argument &lt; value.</summary>
    LessThan,

    /// <summary>argument &lt;= value.</summary>
    LessOrEqual,

    /// <summary>argument == value.</summary>
    Equal,

    /// <summary>argument &gt;= value.</summary>
    GreaterOrEqual,

    /// <summary>argument &gt; value.</summary>
    GreaterThan,

    /// <summary>(argument &amp; value) == second value.</summary>
    MaskedEqual,
}
