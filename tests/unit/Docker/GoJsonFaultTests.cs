using System.Text;
using Tare.Docker.Endpoints;
using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.UnitTests.Docker;

/// <summary>Expected texts are those that Go's encoding/json gives.</summary>
public sealed class GoJsonFaultTests
{
    [Theory]
    [InlineData("{invalid json", "invalid character 'i' looking for beginning of object key string")]
    [InlineData("x", "invalid character 'x' looking for beginning of value")]
    [InlineData("{\"a\" 1}", "invalid character '1' after object key")]
    [InlineData("{\"a\":1 \"b\":2}", "invalid character '\"' after object key:value pair")]
    [InlineData("[1 2]", "invalid character '2' after array element")]
    [InlineData("{\"a\":}", "invalid character '}' looking for beginning of value")]
    [InlineData("{\"a\":1,}", "invalid character '}' looking for beginning of object key string")]
    [InlineData("[tru]", "invalid character ']' in literal true (expecting 'e')")]
    [InlineData("[\"\\x\"]", "invalid character 'x' in string escape code")]
    [InlineData("[\"\\u00g0\"]", "invalid character 'g' in \\u hexadecimal character escape")]
    [InlineData("[\"\n\"]", "invalid character '\\n' in string literal")]
    [InlineData("[-x]", "invalid character 'x' in numeric literal")]
    [InlineData("[1.x]", "invalid character 'x' after decimal point in numeric literal")]
    [InlineData("[1e]", "invalid character ']' in exponent of numeric literal")]
    [InlineData("[01]", "invalid character '1' after array element")]
    [InlineData("{\"a\":\"b", "unexpected EOF")]
    [InlineData("{'a':1}", "invalid character '\\'' looking for beginning of object key string")]
    public void FaultsAreWordedAsInGo(string text, string fault)
    {
        Assert.Equal(fault, GoJsonFault.Find(Encoding.UTF8.GetBytes(text), out bool hasMore));
        Assert.False(hasMore);
    }

    [Theory]
    [InlineData("{\"a\":[1,-2.5e+3,true,false,null,\"\\u00e4\\n\"],\"b\":{}}", false)]
    [InlineData(" [] \n", false)]
    [InlineData("{} trailing", true)]
    [InlineData("{}[]", true)]
    public void SoundTextHasNone(string text, bool more)
    {
        Assert.Null(GoJsonFault.Find(Encoding.UTF8.GetBytes(text), out bool hasMore));
        Assert.Equal(more, hasMore);
    }

    [Theory]
    [InlineData("{invalid json", "invalid JSON: invalid character 'i' looking for beginning of object key string")]
    [InlineData("{} trailing", "unexpected content after JSON")]
    public void BodiesAreRefusedWithThem(string body, string message)
    {
        EngineException error = Assert.Throws<EngineException>(() => CreateRequests.Parse(Encoding.UTF8.GetBytes(body), null, null));
        Assert.Equal((ErrorClass.InvalidArgument, message), (error.Class, error.Message));
    }
}
