using Tare.Testing.Suites;

namespace Tare.IntegrationTests;

// One class per suite: each has a daemon of its own, and none leaves anything behind.

/// <summary><c>update</c> and <c>stats</c>.</summary>
public sealed class TareResourceTests(DaemonFixture daemon) : ResourceSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

/// <summary>Health checks.</summary>
public sealed class TareHealthTests(DaemonFixture daemon) : HealthSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

/// <summary>Log drivers.</summary>
public sealed class TareLogsTests(DaemonFixture daemon) : LogsSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

/// <summary>Volumes.</summary>
public sealed class TareVolumesTests(DaemonFixture daemon) : VolumesSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareRunTests(DaemonFixture daemon) : RunSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareLimitsTests(DaemonFixture daemon) : LimitsSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareErrorsTests(DaemonFixture daemon) : ErrorsSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareLifecycleTests(DaemonFixture daemon) : LifecycleSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareImagesTests(DaemonFixture daemon) : ImagesSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareNetworkTests(DaemonFixture daemon) : NetworkSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TarePortsTests(DaemonFixture daemon) : PortsSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

/// <summary>TLS.</summary>
public sealed class TareTlsTests(TlsDaemonFixture daemon) : TlsSuite(daemon, Programs.Tare), IClassFixture<TlsDaemonFixture>;

public sealed class TareArchivesTests(DaemonFixture daemon) : ArchivesSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;

public sealed class TareSaveLoadTests(DaemonFixture daemon) : SaveLoadSuite(daemon, Programs.Tare), IClassFixture<DaemonFixture>;
