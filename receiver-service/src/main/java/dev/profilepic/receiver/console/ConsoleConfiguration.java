package dev.profilepic.receiver.console;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The assets of the pages, all served from here, and the rule for the fields of every form. */
@Configuration(proxyBeanMethods = false)
class ConsoleConfiguration implements WebMvcConfigurer {

  private static final String WEBJARS = "classpath*:META-INF/resources/webjars/";

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/console/assets/**")
        .addResourceLocations(
            "classpath:/console/assets/",
            folderOf("htmx.org/*/dist/htmx.min.js"),
            folderOf("uplot/*/dist/uPlot.iife.min.js"))
        .setCacheControl(CacheControl.noCache());
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(new PlainForms()).addPathPatterns("/console/**");
  }

  /**
   * Returns the folder of a webjar's file. The name of the folder contains the webjar's version.
   */
  private static String folderOf(String file) {
    try {
      var found = new PathMatchingResourcePatternResolver().getResources(WEBJARS + file);
      if (found.length == 0) {
        throw new IllegalStateException(file + " is not on the class path");
      }
      var url = found[0].getURL().toString();
      return url.substring(0, url.lastIndexOf('/') + 1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Requires fields to be text without control characters, like the parameters in a query. */
  private static final class PlainForms implements HandlerInterceptor {

    @Override
    public boolean preHandle(
        HttpServletRequest request, HttpServletResponse response, Object handler) {
      if (request.getParameterMap().values().stream()
          .flatMap(Stream::of)
          .flatMapToInt(String::chars)
          .anyMatch(c -> Character.isISOControl(c) || c == '\uFFFD')) {
        throw new ProblemException(
            Problem.INVALID, "A field contains characters that cannot be part of a text.");
      }
      return true;
    }
  }
}
