using System.Text.Json;
using Tare.Cli.Templates;

namespace Tare.UnitTests.Cli;

public sealed class TemplateTests
{
    private const string Json = """
        {"Name":"/web","Pid":42,"Running":true,"Env":["A=1","B=2"],"Labels":{"b":"2","a":"1"},"None":null,"Volumes":null,"Cpu":1.5,
         "Ports":{"80/tcp":[{"HostPort":"8080"}]},"Html":"a<b>&c","State":{"Status":"running"}}
        """;

    [Theory]
    [InlineData("{{.Name}} {{.Pid}} {{.Running}} {{.Cpu}}", "/web 42 true 1.5")]
    [InlineData("{{.Env}} {{.Labels}} {{.None}} {{.Volumes}}", "[A=1 B=2] map[a:1 b:2] [] map[]")]
    [InlineData("{{json .Env}} {{json .None}} {{json .Html}}", "[\"A=1\",\"B=2\"] null \"a\\u003cb\\u003e\\u0026c\"")]
    [InlineData("{{range .Env}}<{{.}}>{{end}}", "<A=1><B=2>")]
    [InlineData("{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;")]
    [InlineData("{{range .None}}x{{else}}none{{end}}", "none")]
    [InlineData("{{if .Running}}up{{else}}down{{end}}", "up")]
    [InlineData("{{if eq .State.Status \"paused\"}}p{{else if eq .State.Status \"running\" \"x\"}}r{{else}}?{{end}}", "r")]
    [InlineData("{{with .State}}{{.Status}} {{$.Pid}}{{end}}", "running 42")]
    [InlineData("{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080")]
    [InlineData("{{index .Env 1}} {{len .Env}} {{len .Name}}", "B=2 2 4")]
    [InlineData("{{.Name | upper | printf \"%q %s\" \"x\"}}", "\"x\" /WEB")]
    [InlineData("{{join .Env \", \"}} {{lower \"AB\"}} {{title \"ab cd\"}}", "A=1, B=2 ab Ab Cd")]
    [InlineData("{{printf \"%-6s|%04d|%v|%%\" \"ab\" 42 .Running}}", "ab    |0042|true|%")]
    [InlineData("a {{- /* c */ -}} b {{- .Pid -}} c", "ab42c")]
    [InlineData("{{$x := .Pid}}{{if and .Running (gt $x 10) (not .None)}}{{$x}}{{end}}", "42")]
    [InlineData("{{or .None .Name}} {{ne 1 2}} {{println \"a\" 1}}", "/web true a 1\n")]
    [InlineData("{{slice .Name 1 3}} {{truncate .Name 2}} {{pad \"x\" 1 2}}|", "we /w  x  |")]
    [InlineData("{{range split \"a,b\" \",\"}}[{{.}}]{{end}}", "[a][b]")]
    [InlineData("{{`raw {{`}} {{'a'}}", "raw {{ 97")]
    public void Applies(string template, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        Assert.Equal(expected, Template.Parse(template).Apply(document.RootElement));
    }

    [Theory]
    [InlineData("{{.State.Running", "template: :1: unclosed action")]
    [InlineData("{{foo}}", "template: :1: function \"foo\" not defined")]
    [InlineData("{{if .Pid}}", "template: :1: unexpected EOF")]
    [InlineData("{{end}}", "template: :1: unexpected {{end}}")]
    public void RefusesWhatIsMalformed(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Template.Parse(template)).Message);

    [Theory]
    [InlineData("xx{{.Nope}}", "template: :1:4: executing \"\" at <.Nope>: map has no entry for key \"Nope\"")]
    [InlineData("{{.State.Nope}}", "template: :1:8: executing \"\" at <.State.Nope>: map has no entry for key \"Nope\"")]
    [InlineData("{{.Name.X}}", "template: :1:7: executing \"\" at <.Name.X>: can't evaluate field X in type string")]
    public void NamesWhatIsMissing(string template, string message)
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Template.Parse(template).Apply(document.RootElement)).Message);
    }
}
