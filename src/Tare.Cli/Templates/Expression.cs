namespace Tare.Cli.Templates;

/// <summary>A part of an action that has a value.</summary>
internal abstract record Expression
{
    /// <summary>The value.</summary>
    /// <exception cref="TemplateException">It cannot be had.</exception>
    public abstract object? Evaluate(Scope scope);
}

/// <summary>A literal.</summary>
internal sealed record LiteralExpression(object? Value) : Expression
{
    /// <inheritdoc/>
    public override object? Evaluate(Scope scope) => Value;
}

/// <summary>Dot, a variable or a parenthesis, with fields behind it.</summary>
/// <param name="Root">What the fields are taken of; null for the dot.</param>
/// <param name="Fields">The names.</param>
/// <param name="Source">The text in the template, for messages.</param>
/// <param name="Offset">Where messages say that it stands.</param>
internal sealed record ChainExpression(Expression? Root, IReadOnlyList<string> Fields, string Source, int Offset) : Expression
{
    /// <inheritdoc/>
    public override object? Evaluate(Scope scope) => Evaluate(scope, []);

    /// <summary>The value, where the last field may be a method that takes arguments.</summary>
    public object? Evaluate(Scope scope, IReadOnlyList<object?> arguments)
    {
        object? value = Root is null ? scope.Dot : Root.Evaluate(scope);
        foreach (string field in Fields)
        {
            value = Values.Field(value, field, reason => new TemplateException($"template: :1:{Offset}: executing \"\" at <{Source}>: {reason}"));
        }

        if (value is Func<IReadOnlyList<object?>, object?> method)
        {
            return method(arguments);
        }

        return arguments.Count == 0 ? value : throw new TemplateException($"template: :1:{Offset}: executing \"\" at <{Source}>: {(Fields.Count > 0 ? Fields[^1] : ".")} has arguments but cannot be invoked as function");
    }
}

/// <summary>A variable.</summary>
internal sealed record VariableExpression(string Name) : Expression
{
    /// <inheritdoc/>
    public override object? Evaluate(Scope scope) => scope.Get(Name);
}

/// <summary>A function, or anything else with arguments behind it.</summary>
/// <param name="Function">The function's name, or empty when the first operand is a value.</param>
/// <param name="Operands">The arguments; without a function, the first one is the value or method.</param>
internal sealed record CommandExpression(string Function, IReadOnlyList<Expression> Operands)
{
    /// <summary>The value.</summary>
    /// <param name="scope">Dot and variables.</param>
    /// <param name="hasPiped">Whether a command stands before.</param>
    /// <param name="piped">The value of the command before, if any: it becomes the last argument.</param>
    public object? Evaluate(Scope scope, bool hasPiped, object? piped)
    {
        if (Function is "and" or "or")
        {
            return EvaluateLazily(scope, hasPiped, piped);
        }

        List<object?> arguments = [.. Operands.Skip(Function.Length == 0 ? 1 : 0).Select(operand => operand.Evaluate(scope))];
        if (hasPiped)
        {
            arguments.Add(piped);
        }

        if (Function.Length > 0)
        {
            return Functions.Call(Function, arguments);
        }

        if (Operands[0] is ChainExpression chain)
        {
            return chain.Evaluate(scope, arguments);
        }

        return arguments.Count == 0 ? Operands[0].Evaluate(scope) : throw new TemplateException("template: :1: can't give argument to non-function");
    }

    private object? EvaluateLazily(Scope scope, bool hasPiped, object? piped)
    {
        object? value = null;
        foreach (Expression operand in Operands)
        {
            value = operand.Evaluate(scope);
            if (Values.IsTrue(value) == (Function == "or"))
            {
                return value;
            }
        }

        return hasPiped ? piped : value;
    }
}

/// <summary>Commands joined by bars; the value of each is the last argument of the next.</summary>
internal sealed record PipelineExpression(IReadOnlyList<CommandExpression> Commands) : Expression
{
    /// <inheritdoc/>
    public override object? Evaluate(Scope scope)
    {
        object? value = Commands[0].Evaluate(scope, hasPiped: false, piped: null);
        foreach (CommandExpression command in Commands.Skip(1))
        {
            value = command.Evaluate(scope, hasPiped: true, value);
        }

        return value;
    }
}
