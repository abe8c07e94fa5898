namespace Tare.Cli.Templates;

/// <summary>A format template is malformed, or cannot be applied to what it is given. The message is that of Go's text/template.</summary>
internal sealed class TemplateException(string message) : Exception(message);
