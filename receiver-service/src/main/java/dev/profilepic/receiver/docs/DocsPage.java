package dev.profilepic.receiver.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** {@code /docs/}: Swagger UI for openapi.yaml, in local mode only. */
@Configuration(proxyBeanMethods = false)
class DocsPage implements WebMvcConfigurer {

  private static final String SWAGGER_UI =
      "classpath*:META-INF/resources/webjars/swagger-ui/*/swagger-ui.css";

  private final boolean isLocal;

  // Not a profile of the bean: the build decides which beans there are.
  DocsPage(Environment environment) {
    this.isLocal = environment.acceptsProfiles(Profiles.of("local"));
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    if (isLocal) {
      registry.addResourceHandler("/docs/**").addResourceLocations("classpath:/docs/", swaggerUi());
    }
  }

  @Override
  public void addViewControllers(ViewControllerRegistry registry) {
    if (isLocal) {
      registry.addRedirectViewController("/docs", "/docs/index.html");
      registry.addRedirectViewController("/docs/", "/docs/index.html");
    }
  }

  /** Returns the folder of the webjar. The name of the folder contains the webjar's version. */
  private static String swaggerUi() {
    try {
      var found = new PathMatchingResourcePatternResolver().getResources(SWAGGER_UI);
      if (found.length == 0) {
        throw new IllegalStateException("swagger-ui is not on the class path");
      }
      var url = found[0].getURL().toString();
      return url.substring(0, url.lastIndexOf('/') + 1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
