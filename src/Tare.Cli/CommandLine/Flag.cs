namespace Tare.Cli.CommandLine;

/// <summary>One option of a command: its names, its help line and how its text is read.</summary>
/// <param name="name">The long name, without dashes.</param>
/// <param name="shorthand">The one-letter name, or '\0' for none.</param>
/// <param name="typeName">The word that stands for the value in the help text; empty for switches.</param>
/// <param name="description">One sentence for the help text.</param>
internal abstract class Flag(string name, char shorthand, string typeName, string description)
{
    /// <summary>The long name, without dashes.</summary>
    public string Name { get; } = name;

    /// <summary>The one-letter name, or '\0' for none.</summary>
    public char Shorthand { get; } = shorthand;

    /// <summary>The word that stands for the value in the help text; empty for switches.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>One sentence for the help text; may hold line breaks.</summary>
    public string Description { get; } = description;

    /// <summary>What the help text shows as the default, or null to show none.</summary>
    public string? DefaultText { get; init; }

    /// <summary>Accepted but not shown in the help text.</summary>
    public bool Hidden { get; init; }

    /// <summary>The value that the bare option stands for (<c>--rm</c> is <c>--rm=true</c>), or null when a value must follow.</summary>
    public virtual string? BareValue => null;

    /// <summary>Whether the option was given on the command line.</summary>
    public bool IsSet { get; private set; }

    /// <summary>Reads one occurrence of the option.</summary>
    /// <exception cref="FormatException">The text is not a value of this option; the message is Docker's reason.</exception>
    public void Accept(string text)
    {
        Read(text);
        IsSet = true;
    }

    /// <summary>How error messages call the option: <c>-m, --memory</c> or <c>--memory</c>.</summary>
    public string DisplayName => Shorthand == '\0' ? $"--{Name}" : $"-{Shorthand}, --{Name}";

    /// <summary>Reads the text of one occurrence.</summary>
    protected abstract void Read(string text);
}
