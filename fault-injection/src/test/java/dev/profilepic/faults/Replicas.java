package dev.profilepic.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Workers by name. Each worker is behind a separate proxy that outlives the worker. */
final class Replicas implements AutoCloseable {

  private final URI database;
  private final FaultyBridge bridge;
  private final FaultyCdn cdn;
  private final Map<String, String> settings;
  private final Map<String, WorkerProcess> workers = new ConcurrentHashMap<>();
  private final Map<String, CuttingProxy> proxies = new ConcurrentHashMap<>();
  private final Set<String> stopped = ConcurrentHashMap.newKeySet();

  /**
   * @param database url of the database, without {@code jdbc:}
   * @param settings Spring properties of every worker
   */
  Replicas(URI database, FaultyBridge bridge, FaultyCdn cdn, Map<String, String> settings) {
    this.database = database;
    this.bridge = bridge;
    this.cdn = cdn;
    this.settings = Map.copyOf(settings);
  }

  /** Starts or restarts a worker, and does not wait for it. */
  void start(String name) {
    try {
      workers.put(name, WorkerProcess.start(name, settingsOf(name)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Starts workers, and waits until they are ready. */
  void startAll(String... names) {
    List.of(names).forEach(this::start);
    List.of(names).forEach(this::awaitReady);
  }

  /**
   * Restarts a dead worker, unless the caller that stopped the worker will restart it. Returns
   * whether this call restarted it.
   */
  synchronized boolean revive(String name) {
    if (stopped.contains(name) || get(name).isAlive()) {
      return false;
    }
    start(name);
    return true;
  }

  /** Stops a worker gracefully, runs an action without it, and starts its successor. */
  void replace(String name, Runnable meanwhile) {
    stop(name);
    try {
      Await.until("worker " + name + " has stopped", () -> !get(name).isAlive());
      meanwhile.run();
    } finally {
      get(name).kill();
      start(name);
      stopped.remove(name);
    }
  }

  private synchronized void stop(String name) {
    stopped.add(name);
    get(name).terminate();
  }

  void awaitReady(String name) {
    Await.until("worker " + name + " is ready", () -> get(name).isReady());
  }

  WorkerProcess get(String name) {
    var worker = workers.get(name);
    if (worker == null) {
      throw new IllegalArgumentException("no worker is called " + name);
    }
    return worker;
  }

  List<String> names() {
    return workers.keySet().stream().sorted().toList();
  }

  /**
   * Returns the proxy between a worker and the database. The proxy survives a restart of the
   * worker.
   */
  CuttingProxy proxy(String name) {
    return proxies.computeIfAbsent(
        name, of -> CuttingProxy.open(database.getHost(), database.getPort()));
  }

  @Override
  public void close() {
    workers.values().forEach(WorkerProcess::close);
    proxies.values().forEach(CuttingProxy::close);
  }

  private Map<String, String> settingsOf(String name) {
    var all = new HashMap<String, String>();
    all.put("spring.datasource.url", proxiedUrl(name));
    // User and password, if any, are in the url.
    all.put("spring.datasource.username", "");
    all.put("spring.datasource.hikari.connection-timeout", "1000");
    all.put(
        "spring.datasource.hikari.data-source-properties.ApplicationName", Backends.poolName(name));
    all.put("profile-pic.bridge.url", bridge.urlFor(name));
    all.put("profile-pic.bridge.token", "token");
    all.put("profile-pic.default-instance", Crm.INSTANCE);
    all.put("profile-pic.avatars.base-url", "http://127.0.0.1:8080");
    all.put("profile-pic.avatars.signing-secret", "signs-nothing-that-anybody-sees");
    all.put("profile-pic.erasure.key", "forgets-nobody-that-exists");
    all.put("profile-pic.picture-urls.trusted-origins", cdn.origin());
    all.put("profile-pic.pictures.backoff-base", "50ms");
    all.put("profile-pic.pictures.backoff-cap", "200ms");
    all.put("profile-pic.worker.lease", "10s");
    all.put("profile-pic.worker.poll-interval", "100ms");
    all.put("profile-pic.worker.drain-timeout", "2s");
    // As fast as possible, because separate tests cover pace.
    all.put("profile-pic.worker.pace-per-minute", "6000000");
    all.put("resilience4j.circuitbreaker.instances.bridge.wait-duration-in-open-state", "500ms");
    all.putAll(settings);
    return all;
  }

  /** Returns the database's url through the proxy, with every statement's text on the wire. */
  private String proxiedUrl(String name) {
    return "jdbc:postgresql://127.0.0.1:%d%s?%s&sslmode=disable&gssEncMode=disable&prepareThreshold=0"
        .formatted(proxy(name).port(), database.getPath(), database.getRawQuery());
  }
}
