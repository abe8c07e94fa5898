using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tare.Oci.Runtime;

namespace Tare.UnitTests.Oci;

public sealed class RuntimeDocumentTests
{
    [Fact]
    public void ReadsEveryPropertyAsTheSerializerDoes()
    {
        int next = 0;
        RuntimeSpec full = (RuntimeSpec)Fill(typeof(RuntimeSpec), ref next);
        string json = JsonSerializer.Serialize(full, RuntimeJson.Default.RuntimeSpec);
        RuntimeSpec read = RuntimeDocument.ReadSpec(Encoding.UTF8.GetBytes(json));
        Assert.True(next > 150, "the document is not full");
        Assert.Equal(json, JsonSerializer.Serialize(read, RuntimeJson.Default.RuntimeSpec));
    }

    [Theory]
    [InlineData("""{"ociVersion":"1.0.0","unheardOf":{"a":[1,{"b":null}]},"windows":{}}""")]
    [InlineData("""{"ociVersion":null,"hooks":null,"mounts":[null],"process":{"args":[null,"b"],"cwd":null}}""")]
    [InlineData("""{"hostname":"a","hostname":"b","annotations":{"x":"1","x":"2"}}""")]
    [InlineData("""{ "linux" : { "resources" : { "memory" : { "limit" : null } , "unified" : { } } , "sysctl" : null } }  """)]
    [InlineData("""{"hostname":"\u00e4\n\"","process":{"user":{"additionalGids":[]},"env":[]}}""")]
    public void ReadsAsTheSerializerDoes(string json)
        => Assert.Equal(
            JsonSerializer.Serialize(JsonSerializer.Deserialize(json, RuntimeJson.Default.RuntimeSpec)!, RuntimeJson.Default.RuntimeSpec),
            JsonSerializer.Serialize(RuntimeDocument.ReadSpec(Encoding.UTF8.GetBytes(json)), RuntimeJson.Default.RuntimeSpec));

    [Theory]
    [InlineData("{\n\"process\": {\n\"user\": {\"uid\": \"x\"}}}", "$.process.user.uid", 2, "a string does not fit here")]
    [InlineData("{\"process\":{\"user\":{\"uid\":-1}}}", "$.process.user.uid", 0, "the number does not fit")]
    [InlineData("{\"process\":{\"user\":{\"uid\":4294967296}}}", "$.process.user.uid", 0, "the number does not fit")]
    [InlineData("{\"process\":{\"args\":[\"a\",\n5]}}", "$.process.args[1]", 1, "a number does not fit here")]
    [InlineData("{\"mounts\":[{\"destination\":\"/a\"},{\"options\":\"ro\"}]}", "$.mounts[1].options", 0, "a string does not fit here")]
    [InlineData("{\"root\":{\"readonly\":null}}", "$.root.readonly", 0, "null does not fit here")]
    [InlineData("{\"linux\":[]}", "$.linux", 0, "an array does not fit here")]
    [InlineData("{\"hostname\":\"a\",}", "$.hostname", 0, "it is not well-formed JSON")]
    [InlineData("{\"process\":{\"cwd\":\"/", "$.process.cwd", 0, "it is not well-formed JSON")]
    [InlineData("{} {}", "$", 0, "it is not well-formed JSON")]
    [InlineData("null", "$", 0, "null does not fit here")]
    [InlineData("[]", "$", 0, "an array does not fit here")]
    [InlineData("", "$", 0, "it is not well-formed JSON")]
    public void NamesTheWrongPlace(string json, string path, long line, string message)
    {
        JsonException failure = Assert.Throws<JsonException>(() => RuntimeDocument.ReadSpec(Encoding.UTF8.GetBytes(json)));
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
        Assert.Equal(path, failure.Path);
        Assert.Equal(line, failure.LineNumber);
    }

    [Fact]
    public void DepthIsLimited()
        => Assert.Throws<JsonException>(() => RuntimeDocument.ReadSpec(Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}")));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WritesAStateAsTheSerializerDoes(bool full)
    {
        int next = 0;
        ContainerState state = full ? (ContainerState)Fill(typeof(ContainerState), ref next) : new ContainerState { Id = "a\u00e4\"" };
        Assert.Equal(JsonNode.Parse(JsonSerializer.Serialize(state, RuntimeJson.Default.ContainerState))!.ToJsonString(), JsonNode.Parse(RuntimeDocument.Write(state))!.ToJsonString());
    }

    [Fact]
    public void OnlyWhatMustBeIsEscaped()
        => Assert.Contains("\"bundle\":\"/a \\\"b\\\" \\\\ \\n\\u0001<&ä😀\uFFFD\"", Encoding.UTF8.GetString(RuntimeDocument.Write(new ContainerState { Bundle = "/a \"b\" \\ \n\u0001<&ä😀\uD800" })), StringComparison.Ordinal);

    // An object with another value in each property, lists and maps with two entries.
    private static object Fill(Type type, ref int next)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        next++;
        if (type == typeof(string))
        {
            return $"text {next}";
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsPrimitive)
        {
            return Convert.ChangeType(next, type, CultureInfo.InvariantCulture);
        }

        object made = Activator.CreateInstance(type)!;
        if (made is IList list)
        {
            Type element = type.GetGenericArguments()[0];
            list.Clear();
            list.Add(Fill(element, ref next));
            list.Add(Fill(element, ref next));
            return made;
        }

        if (made is IDictionary map)
        {
            Type element = type.GetGenericArguments()[1];
            map.Add("a", Fill(element, ref next));
            map.Add("b", Fill(element, ref next));
            return made;
        }

        foreach (PropertyInfo property in type.GetProperties())
        {
            property.SetValue(made, Fill(property.PropertyType, ref next));
        }

        return made;
    }
}
