package dev.profilepic.contract;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Lets each of our programs read {@link SecretFiles}. */
public final class SecretFilesPostProcessor implements EnvironmentPostProcessor {

  // Boot reads a source whose name ends like this as environment variables.
  private static final String NAME =
      "secretFiles-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    addTo(environment);
  }

  /** Adds the files to an environment that no {@link SpringApplication} prepares. */
  public static void addTo(ConfigurableEnvironment environment) {
    var sources = environment.getPropertySources();
    var system = sources.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    if (system instanceof EnumerablePropertySource<?> variables) {
      Map<String, Object> read = new HashMap<>(SecretFiles.read(textsOf(variables)));
      if (!read.isEmpty()) {
        // Before the variables: a variable that is set but empty would hide the file.
        sources.addBefore(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(NAME, read));
      }
    }
  }

  private static Map<String, String> textsOf(EnumerablePropertySource<?> variables) {
    var texts = new HashMap<String, String>();
    for (var name : variables.getPropertyNames()) {
      var value = variables.getProperty(name);
      if (value != null) {
        texts.put(name, value.toString());
      }
    }
    return texts;
  }
}
