package dev.profilepic.contract;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.springframework.aot.AotDetector;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Decides whether a program may start with the bean definitions that its build made. Spring reads
 * the conditions of these beans when the program is built, with the settings that the program
 * brings. A start that has other settings of the framework reads the conditions itself, which takes
 * longer: it turns {@link AotDetector#AOT_ENABLED} off. Our own settings decide no conditions.
 */
public final class BuildTimeBeansPostProcessor implements EnvironmentPostProcessor {

  /** The settings that conditions of the framework and its libraries read. */
  private static final List<String> FRAMEWORK =
      List.of("spring.", "management.", "server.", "resilience4j.");

  /** Those of them that no condition reads: names, and beginnings that end with a dot. */
  private static final List<String> WITHOUT_CONDITIONS =
      List.of(
          AotDetector.AOT_ENABLED,
          "spring.config.",
          "spring.datasource.hikari.",
          "spring.datasource.password",
          "spring.datasource.url",
          "spring.datasource.username",
          "spring.profiles.active",
          "server.address",
          "server.port",
          "management.server.address");

  private static final String MANAGEMENT_PORT = "management.server.port";

  /** Follows {@code PROFILE_PIC_TRACING_ENABLED} in the settings that a program brings. */
  private static final String TRACING = "management.tracing.export.enabled";

  private static final String APPLICATION_INFO = "applicationInfo";

  private final Log log;

  /** Makes the processor; Spring Boot calls this. */
  public BuildTimeBeansPostProcessor(DeferredLogFactory logs) {
    this.log = logs.getLog(BuildTimeBeansPostProcessor.class);
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    if (AotDetector.useGeneratedArtifacts()) {
      var others = othersThanAtBuild(environment);
      if (!others.isEmpty()) {
        log.info(
            "starts without the bean definitions of the build, because these settings may need others: "
                + String.join(", ", others));
        SpringProperties.setProperty(AotDetector.AOT_ENABLED, "false");
      }
    }
  }

  /** Returns the names of settings that may need other beans than the build's, sorted. */
  static List<String> othersThanAtBuild(ConfigurableEnvironment environment) {
    var names =
        environment.getPropertySources().stream()
            .filter(source -> !isOfTheBuild(source))
            .flatMap(BuildTimeBeansPostProcessor::names);
    return Stream.concat(names, Stream.of(TRACING))
        .filter(name -> mayDecide(name, environment))
        .distinct()
        .sorted()
        .toList();
  }

  private static boolean isOfTheBuild(PropertySource<?> source) {
    return source.getName().contains("class path resource [application")
        || source.getName().equals(APPLICATION_INFO);
  }

  /** Returns the names in a source, the names of environment variables as names of properties. */
  private static Stream<String> names(PropertySource<?> source) {
    return source instanceof EnumerablePropertySource<?> named
        ? Stream.of(named.getPropertyNames())
            .map(name -> name.toLowerCase(Locale.ROOT).replace('_', '.'))
        : Stream.empty();
  }

  private static boolean mayDecide(String name, ConfigurableEnvironment environment) {
    if (name.equals(MANAGEMENT_PORT)) {
      return !isPortOfItsOwn(environment);
    }
    if (name.equals(TRACING)) {
      return !"false".equalsIgnoreCase(environment.getProperty(TRACING, "false").strip());
    }
    return FRAMEWORK.stream().anyMatch(name::startsWith)
        && WITHOUT_CONDITIONS.stream()
            .noneMatch(each -> each.endsWith(".") ? name.startsWith(each) : name.equals(each));
  }

  /** Whether health and metrics have their own port, at the build and now. */
  private static boolean isPortOfItsOwn(ConfigurableEnvironment environment) {
    boolean atBuild =
        environment.getPropertySources().stream()
            .anyMatch(source -> isOfTheBuild(source) && source.containsProperty(MANAGEMENT_PORT));
    var port = environment.getProperty(MANAGEMENT_PORT, "").strip();
    return atBuild
        && port.matches("\\d+")
        && (port.equals("0")
            || !port.equals(environment.getProperty("server.port", "8080").strip()));
  }
}
