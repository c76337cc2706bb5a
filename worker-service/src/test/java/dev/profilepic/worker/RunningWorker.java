package dev.profilepic.worker;

import dev.profilepic.embedded.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole worker in this process, on a test database and a fake bridge. */
public final class RunningWorker implements AutoCloseable {

  /** The worker's erasure key. */
  public static final String ERASURE_KEY = "a-test-erasure-key";

  private final ConfigurableApplicationContext context;

  private RunningWorker(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /**
   * @param settings further properties, {@code name=value}
   */
  public static RunningWorker start(TestDatabase database, FakeBridge bridge, String... settings) {
    var properties =
        new ArrayList<>(
            List.of(
                "server.port=0",
                "spring.datasource.url=" + database.jdbcUrl(),
                // The url carries user and password already.
                "spring.datasource.username=",
                "spring.datasource.password=",
                "profile-pic.bridge.url=" + bridge.url(),
                "profile-pic.bridge.token=test-token",
                "profile-pic.avatars.base-url=http://127.0.0.1:8080",
                "profile-pic.avatars.signing-secret=a-test-signing-secret",
                "profile-pic.erasure.key=" + ERASURE_KEY,
                "profile-pic.picture-urls.trusted-origins=" + bridge.url(),
                "profile-pic.worker.pace-per-minute=6000000",
                "profile-pic.worker.poll-interval=100ms",
                // Tests make leads due and then send the request themselves.
                "profile-pic.refresh.enabled=false",
                // Tests do not wait until a hundred leads are due.
                "profile-pic.batches.gathering=0s",
                "profile-pic.batches.spacing=0s",
                "logging.structured.format.console="));
    // A test's own setting replaces the default, because some properties would be joined to a list.
    for (var setting : settings) {
      var name = setting.substring(0, setting.indexOf('=') + 1);
      properties.removeIf(property -> property.startsWith(name));
      properties.add(setting);
    }
    var arguments = properties.stream().map(property -> "--" + property).toArray(String[]::new);
    return new RunningWorker(new SpringApplicationBuilder(WorkerApplication.class).run(arguments));
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  public int port() {
    return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
  }

  @Override
  public void close() {
    context.close();
  }
}
