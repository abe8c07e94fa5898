namespace Tare.Testing;

/// <summary>Waits for what becomes true on its own.</summary>
public static class Eventually
{
    // A slow machine, an emulated one, waits longer.
    private static readonly int s_patience = int.Parse(Environment.GetEnvironmentVariable("TARE_TEST_PATIENCE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Polls <paramref name="condition"/>; the test fails with <paramref name="what"/> when it does not hold within the limit (10 s unless given), or as many times that as TARE_TEST_PATIENCE says.</summary>
    public static void True(Func<bool> condition, string what, TimeSpan? limit = null) => True(condition, () => what, limit);

    /// <inheritdoc cref="True(Func{bool}, string, TimeSpan?)"/>
    public static void True(Func<bool> condition, Func<string> what, TimeSpan? limit = null)
    {
        DateTime end = DateTime.UtcNow + ((limit ?? TimeSpan.FromSeconds(10)) * s_patience);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, DateTime.UtcNow < end ? null : what());
            Thread.Sleep(20);
        }
    }
}
