using System.Text;

namespace Tare.Cli.Explain;

/// <summary>Writes the tree as indented text, for files and pipes.</summary>
internal static class PlainTree
{
    private const int Step = 2;

    /// <summary>The text.</summary>
    public static string Render(TreeNode root)
    {
        StringBuilder text = new();
        Append(text, root, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, TreeNode node, int depth)
    {
        text.Append(' ', depth * Step).Append(node.Text);
        if (node.Lesson.Length > 0)
        {
            text.Append(" - ").Append(node.Lesson);
        }

        text.Append('\n');
        foreach (TreeNode child in node.Children)
        {
            Append(text, child, depth + 1);
        }
    }
}
