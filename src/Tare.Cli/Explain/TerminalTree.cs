using Spectre.Console;

namespace Tare.Cli.Explain;

/// <summary>Draws the tree on a terminal, with the lessons in a quieter colour (none when NO_COLOR is set).</summary>
internal static class TerminalTree
{
    /// <summary>Draws.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="columns">The width of the terminal.</param>
    /// <param name="color">Whether colours may be used.</param>
    public static string Render(TreeNode root, int columns, bool color)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = color ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = color ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = columns;
        console.Profile.Capabilities.Unicode = true;
        Tree tree = new(Label(root, "bold"));
        foreach (TreeNode child in root.Children)
        {
            Add(tree, child, "bold aqua");
        }

        console.Write(tree);
        return text.ToString();
    }

    private static void Add(IHasTreeNodes parent, TreeNode node, string style)
    {
        Spectre.Console.TreeNode added = parent.AddNode(Label(node, style));
        foreach (TreeNode child in node.Children)
        {
            Add(added, child, "default");
        }
    }

    private static Markup Label(TreeNode node, string style)
    {
        string fact = $"[{style}]{Markup.Escape(node.Text)}[/]";
        return new Markup(node.Lesson.Length == 0 ? fact : $"{fact}  [grey]{Markup.Escape(node.Lesson)}[/]");
    }
}
