using System.Text;

namespace Tare.Cli.Templates;

/// <summary>A piece of a template.</summary>
internal abstract record Node
{
    /// <summary>Appends what the piece yields.</summary>
    /// <exception cref="TemplateException">It cannot be had.</exception>
    public abstract void Write(Scope scope, StringBuilder output);

    /// <summary>Appends what a list of pieces yields, with variables of its own.</summary>
    protected static void WriteBlock(IReadOnlyList<Node> nodes, Scope scope, StringBuilder output)
    {
        int mark = scope.Mark;
        foreach (Node node in nodes)
        {
            node.Write(scope, output);
        }

        scope.Forget(mark);
    }
}

/// <summary>Text outside of actions.</summary>
internal sealed record TextNode(string Text) : Node
{
    /// <inheritdoc/>
    public override void Write(Scope scope, StringBuilder output) => output.Append(Text);
}

/// <summary>An action that prints a value or sets a variable.</summary>
/// <param name="Pipeline">What yields the value.</param>
/// <param name="Variable">The variable, or empty to print.</param>
/// <param name="Declares">Whether the variable is new (<c>:=</c>).</param>
internal sealed record ActionNode(PipelineExpression Pipeline, string Variable, bool Declares) : Node
{
    /// <inheritdoc/>
    public override void Write(Scope scope, StringBuilder output)
    {
        object? value = Pipeline.Evaluate(scope);
        if (Variable.Length == 0)
        {
            output.Append(Values.Print(value));
        }
        else if (Declares)
        {
            scope.Declare(Variable, value);
        }
        else
        {
            scope.Assign(Variable, value);
        }
    }
}

/// <summary><c>if</c> or <c>with</c>.</summary>
/// <param name="Condition">What decides.</param>
/// <param name="Variable">A variable that keeps the value, or empty.</param>
/// <param name="Body">What stands for a true value.</param>
/// <param name="Otherwise">What stands after else.</param>
/// <param name="SetsDot">Whether the body has the value as its dot (<c>with</c>).</param>
internal sealed record IfNode(PipelineExpression Condition, string Variable, bool SetsDot, IReadOnlyList<Node> Body, IReadOnlyList<Node> Otherwise) : Node
{
    /// <inheritdoc/>
    public override void Write(Scope scope, StringBuilder output)
    {
        object? value = Condition.Evaluate(scope);
        int mark = scope.Mark;
        if (Variable.Length > 0)
        {
            scope.Declare(Variable, value);
        }

        object? outer = scope.Dot;
        bool holds = Values.IsTrue(value);
        if (holds && SetsDot)
        {
            scope.Dot = value;
        }

        WriteBlock(holds ? Body : Otherwise, scope, output);
        scope.Dot = outer;
        scope.Forget(mark);
    }
}

/// <summary><c>range</c> over a list or a map, whose keys come sorted.</summary>
internal sealed record RangeNode(PipelineExpression Source, string KeyVariable, string ValueVariable, IReadOnlyList<Node> Body, IReadOnlyList<Node> Otherwise) : Node
{
    /// <inheritdoc/>
    public override void Write(Scope scope, StringBuilder output)
    {
        object? outer = scope.Dot;
        bool any = false;
        foreach ((object? key, object? value) in Values.Enumerate(Source.Evaluate(scope)))
        {
            any = true;
            int mark = scope.Mark;
            if (KeyVariable.Length > 0)
            {
                scope.Declare(KeyVariable, key);
            }

            if (ValueVariable.Length > 0)
            {
                scope.Declare(ValueVariable, value);
            }

            scope.Dot = value;
            WriteBlock(Body, scope, output);
            scope.Forget(mark);
        }

        scope.Dot = outer;
        if (!any)
        {
            WriteBlock(Otherwise, scope, output);
        }
    }
}
