package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.AotDetector;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Which settings of a start ask for other beans than the build made. */
class BuildTimeBeansTest {

  private static final String PACKAGED =
      "Config resource 'class path resource [application.yaml]' via location 'optional:classpath:/'";

  @AfterEach
  void forget() {
    SpringProperties.setProperty(AotDetector.AOT_ENABLED, null);
  }

  @ParameterizedTest
  @CsvSource({
    "profile-pic.worker.pace-per-minute, 10",
    "logging.level.root, debug",
    "spring.profiles.active, local",
    "spring.datasource.url, jdbc:postgresql://db/crm",
    "spring.datasource.hikari.maximum-pool-size, 9",
    "server.port, 0",
    "server.address, 127.0.0.1",
    "management.server.address, 127.0.0.1",
    "management.server.port, 19080",
    "management.server.port, 0",
    "management.tracing.export.enabled, FALSE"
  })
  void aSettingThatNoConditionReadsLeavesTheBeansOfTheBuild(String name, String value) {
    assertThat(othersThanAtBuild(Map.of(name, value))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "spring.main.web-application-type, none",
    "spring.datasource.type, org.example.Pool",
    "spring.threads.virtual.enabled, false",
    "server.servlet.session.timeout, 1m",
    "resilience4j.circuitbreaker.enabled, false",
    "management.health.db.enabled, false",
    "management.server.port, 8080",
    "management.server.port, -1",
    "management.server.port, none"
  })
  void anyOtherSettingOfTheFrameworkMayNeedOtherBeans(String name, String value) {
    assertThat(othersThanAtBuild(Map.of(name, value))).containsExactly(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "yes"})
  void tracesNeedOtherBeans(String value) {
    assertThat(othersThanAtBuild(Map.of("tracing", value)))
        .containsExactly("management.tracing.export.enabled");
  }

  @Test
  void variablesAreReadAsTheSettingsThatTheyStandFor() {
    var environment = environment();
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                "variables",
                Map.of("SPRING_MAIN_LAZYINITIALIZATION", "true", "SERVER_PORT", "1", "HOME", "/")));

    assertThat(BuildTimeBeansPostProcessor.othersThanAtBuild(environment))
        .containsExactly("spring.main.lazyinitialization");
  }

  @Test
  void aProgramWithoutAPortForHealthMustNotGetOne() {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("arguments", Map.of("management.server.port", "9082")));

    assertThat(BuildTimeBeansPostProcessor.othersThanAtBuild(environment))
        .containsExactly("management.server.port");
  }

  @Test
  void theBeansOfTheBuildAreTurnedOffForThisStart() {
    SpringProperties.setProperty(AotDetector.AOT_ENABLED, "true");
    var environment = environment();
    process(environment);
    assertThat(AotDetector.useGeneratedArtifacts()).isTrue();

    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("arguments", Map.of("spring.aop.auto", "true")));
    process(environment);

    assertThat(AotDetector.useGeneratedArtifacts()).isFalse();
  }

  private static void process(ConfigurableEnvironment environment) {
    new BuildTimeBeansPostProcessor(Supplier::get)
        .postProcessEnvironment(environment, new SpringApplication(BuildTimeBeansTest.class));
  }

  private static Iterable<String> othersThanAtBuild(Map<String, Object> arguments) {
    var environment = environment();
    environment.getPropertySources().addFirst(new MapPropertySource("arguments", arguments));
    return BuildTimeBeansPostProcessor.othersThanAtBuild(environment);
  }

  /** Returns what a program brings, with a port of its own for health. */
  private static ConfigurableEnvironment environment() {
    var packaged = new HashMap<String, Object>();
    packaged.put("spring.threads.virtual.enabled", "true");
    packaged.put("server.port", "8080");
    packaged.put("management.server.port", "9080");
    packaged.put("management.tracing.export.enabled", "${tracing:false}");
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addLast(new OriginTrackedMapPropertySource(PACKAGED, packaged));
    return environment;
  }
}
