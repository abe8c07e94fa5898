namespace Tare.Engine.Errors;

/// <summary>The one exception by which the engine reports expected failures. The message is for the user; where Docker has a text that scripts match, it is Docker's.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Makes an internal error without message.</summary>
    public EngineException()
    {
    }

    /// <summary>Makes an internal error.</summary>
    /// <param name="message">The text for the user.</param>
    public EngineException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an internal error with its cause.</summary>
    /// <param name="message">The text for the user.</param>
    /// <param name="innerException">The cause.</param>
    public EngineException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an error of a class.</summary>
    /// <param name="errorClass">The class.</param>
    /// <param name="message">The text for the user.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public EngineException(ErrorClass errorClass, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Class = errorClass;
    }

    /// <summary>What kind of failure it is.</summary>
    public ErrorClass Class { get; }
}
