using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads one value; the reader stands at the value's first token before, and at its last after.</summary>
internal delegate T JsonItem<out T>(ref Utf8JsonReader reader);
