namespace Tare.Cli.Explain;

/// <summary>A line of the explanation and what stands below it.</summary>
/// <param name="Text">The fact.</param>
/// <param name="Lesson">A sentence on what this kind of thing is; empty where the fact speaks for itself.</param>
/// <param name="Children">What stands below.</param>
internal sealed record TreeNode(string Text, string Lesson, IReadOnlyList<TreeNode> Children)
{
    /// <summary>A line with nothing below.</summary>
    public static TreeNode Leaf(string text, string lesson = "") => new(text, lesson, []);
}
