package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.DatabaseProperties;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import dev.profilepic.receiver.http.SecurityHeaders;
import dev.profilepic.receiver.http.WebhookBodies;
import dev.profilepic.receiver.http.WebhookBodies.Sender;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AuthenticationFilter;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.header.writers.CacheControlHeadersWriter;
import org.springframework.security.web.header.writers.ContentSecurityPolicyHeaderWriter;
import org.springframework.security.web.header.writers.HstsHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.XContentTypeOptionsHeaderWriter;
import org.springframework.security.web.header.writers.XXssProtectionHeaderWriter;
import org.springframework.security.web.header.writers.frameoptions.XFrameOptionsHeaderWriter;
import org.springframework.security.web.header.writers.frameoptions.XFrameOptionsHeaderWriter.XFrameOptionsMode;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;

/** The scope that each path needs. A path that is not named here is closed. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  private static final String[] EVENTS = {
    "/profile-pics", "/webhooks/*", "/webhooks/*/*", "/instance/*/process-profile-pic"
  };

  /**
   * Turns off the measurement of single filters, which costs more than all the filters together.
   */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  /**
   * Answers 400, without a stack trace, to requests that the firewall refuses: paths that try to
   * fool the security filters, and headers with characters that are not allowed. The firewall
   * checks a header only when code reads it, which may be after the answer was written. That answer
   * then stays.
   */
  @Bean
  RequestRejectedHandler requestRejectedHandler(ProblemWriter problems) {
    return (request, response, rejected) ->
        problems.write(
            new ProblemException(
                Problem.INVALID, "The request could not be read. Nothing was accepted."),
            response);
  }

  @Bean
  AuthenticationManager authenticationManager(
      KeyAuthentication keys, SignatureAuthentication signatures) {
    return new ProviderManager(keys, signatures);
  }

  @Bean
  OperatorTurns operatorTurns(DatabaseProperties database) {
    return new OperatorTurns(events(), database.operators());
  }

  /**
   * Returns Spring Security's defaults, and the headers that isolate the page of the API's
   * documentation.
   */
  @Bean
  SecurityHeaders securityHeaders() {
    return new SecurityHeaders(
        List.of(
            new XContentTypeOptionsHeaderWriter(),
            new XXssProtectionHeaderWriter(),
            new CacheControlHeadersWriter(),
            new HstsHeaderWriter(),
            new XFrameOptionsHeaderWriter(XFrameOptionsMode.DENY),
            new ReferrerPolicyHeaderWriter(ReferrerPolicy.NO_REFERRER),
            new ContentSecurityPolicyHeaderWriter(
                "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
                    + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'")));
  }

  @Bean
  SecurityFilterChain security(
      HttpSecurity http,
      AuthenticationManager manager,
      WebhookBodies bodies,
      ProblemWriter problems,
      AuthProperties properties,
      RateLimits limits,
      SecurityHeaders securityHeaders) {
    AuthenticationEntryPoint unauthorized =
        (request, response, failure) ->
            problems.write(
                new ProblemException(
                    Problem.UNAUTHORIZED,
                    "Send a key: Authorization: Bearer KEY, or x-api-token, or apikey, or as password."),
                response);
    AccessDeniedHandler forbidden =
        (request, response, failure) ->
            problems.write(
                new ProblemException(Problem.FORBIDDEN, "Use a key with the scope that is needed."),
                response);
    return http.authorizeHttpRequests(paths ->
            paths
                // Health and metrics have a separate port, which is not published.
                .requestMatchers(EndpointRequest.toAnyEndpoint())
                .permitAll()
                // Signed links: browsers that show photos have no key.
                .requestMatchers(reading("/avatars/*"))
                .permitAll()
                .requestMatchers("/error")
                .permitAll()
                .requestMatchers(reading("/openapi.yaml", "/docs", "/docs/**"))
                .permitAll()
                .requestMatchers(reading("/webhooks/unrecognised"))
                .hasAuthority("read")
                .requestMatchers(EVENTS)
                .hasAuthority("ingest")
                .requestMatchers("/audit", "/webhook-endpoints/*/secret")
                .hasAuthority("operate")
                .requestMatchers(reading("/**"))
                .hasAuthority("read")
                .anyRequest()
                .hasAuthority("operate"))
        .addFilterBefore(
            callerFilter(manager, bodies, unauthorized), UsernamePasswordAuthenticationFilter.class)
        .addFilterAfter(rateLimitFilter(limits, problems), AuthorizationFilter.class)
        .headers(headers -> {
          headers.defaultsDisabled();
          securityHeaders.writers().forEach(headers::addHeaderWriter);
        })
        .cors(cors -> cors.configurationSource(cors(properties)))
        .exceptionHandling(failures ->
            failures.authenticationEntryPoint(unauthorized).accessDeniedHandler(forbidden))
        .sessionManagement(
            session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        // There are no cookies, so a forged request carries no rights.
        .csrf(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .anonymous(Customizer.withDefaults())
        .build();
  }

  /**
   * Returns the filter that counts calls. It is no bean, because Spring Boot would put it in front
   * of every request.
   */
  static RateLimitFilter rateLimitFilter(RateLimits limits, ProblemWriter problems) {
    return new RateLimitFilter(limits, events(), problems);
  }

  /** Matches calls that only read: GET, and HEAD, which is a GET without the body. */
  static RequestMatcher reading(String... patterns) {
    var paths = PathPatternRequestMatcher.withDefaults();
    return new OrRequestMatcher(
        Stream.of(patterns)
            .<RequestMatcher>mapMulti((pattern, matchers) -> {
              matchers.accept(paths.matcher(HttpMethod.GET, pattern));
              matchers.accept(paths.matcher(HttpMethod.HEAD, pattern));
            })
            .toList());
  }

  private static RequestMatcher events() {
    var paths = PathPatternRequestMatcher.withDefaults();
    return new OrRequestMatcher(
        Stream.of(EVENTS)
            .map(path -> (RequestMatcher) paths.matcher(HttpMethod.POST, path))
            .toList());
  }

  private static AuthenticationFilter callerFilter(
      AuthenticationManager manager, WebhookBodies bodies, AuthenticationEntryPoint unauthorized) {
    var filter = new AuthenticationFilter(manager, request -> presented(request, bodies));
    filter.setSuccessHandler((request, response, caller) -> {});
    filter.setFailureHandler(unauthorized::commence);
    return filter;
  }

  /** Returns a signature, else a key in a header, else a key in the body of a webhook. */
  private static @Nullable Authentication presented(
      HttpServletRequest request, WebhookBodies bodies) {
    var signature = PresentedSignature.of(request, bodies);
    if (signature != null) {
      return signature;
    }
    var key = PresentedKey.of(request);
    if (key == null
        && request.getMethod().equals(HttpMethod.POST.name())
        && request.getRequestURI().startsWith("/webhooks/")) {
      return PresentedKey.of(bodies.read(request, Sender.UNKNOWN, List.of()).verifyToken());
    }
    return key;
  }

  /** Allows no other origin unless origins are configured. */
  private static CorsConfigurationSource cors(AuthProperties properties) {
    var source = new UrlBasedCorsConfigurationSource();
    if (!properties.allowedOrigins().isEmpty()) {
      var cors = new CorsConfiguration();
      cors.setAllowedOrigins(properties.allowedOrigins());
      cors.setAllowedMethods(List.of("GET", "POST", "PATCH", "DELETE"));
      cors.setAllowedHeaders(
          List.of(
              "Authorization",
              "x-api-token",
              "apikey",
              "Content-Type",
              "traceparent",
              "Idempotency-Key"));
      cors.setExposedHeaders(List.of("Retry-After"));
      cors.setMaxAge(Duration.ofHours(1));
      source.registerCorsConfiguration("/**", cors);
    }
    return source;
  }
}
