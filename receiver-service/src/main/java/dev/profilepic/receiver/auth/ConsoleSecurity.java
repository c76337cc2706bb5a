package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemWriter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.authentication.session.NullAuthenticatedSessionStrategy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/**
 * The rights at the web console: the scope {@code read} may look, {@code operate} may act. A key in
 * a header does not open the console, and the console's cookie does not open the API.
 */
@Configuration(proxyBeanMethods = false)
class ConsoleSecurity {

  private static final String SIGN_IN = "/console/sign-in";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

  @Bean
  @Order(1)
  SecurityFilterChain console(
      HttpSecurity http, ConsoleSessions sessions, ProblemWriter problems, RateLimits limits) {
    return http.securityMatcher("/", "/console/**")
        .authorizeHttpRequests(paths ->
            paths
                .dispatcherTypeMatchers(DispatcherType.FORWARD, DispatcherType.ERROR)
                .permitAll()
                .requestMatchers(SecurityConfiguration.reading(SIGN_IN, "/console/assets/**"))
                .permitAll()
                .requestMatchers(HttpMethod.POST, SIGN_IN)
                .permitAll()
                .requestMatchers(HttpMethod.POST, "/console/sign-out")
                .hasAuthority("read")
                .requestMatchers(
                    "/console/keys/**",
                    "/console/log",
                    "/console/dead-letters/*/payload",
                    "/console/instances/*/qr.png")
                .hasAuthority("operate")
                .requestMatchers(SecurityConfiguration.reading("/**"))
                .hasAuthority("read")
                .anyRequest()
                .hasAuthority("operate"))
        .addFilterBefore(
            new SessionFilter(sessions, problems), UsernamePasswordAuthenticationFilter.class)
        .addFilterAfter(
            SecurityConfiguration.rateLimitFilter(limits, problems), AuthorizationFilter.class)
        .headers(headers ->
            headers
                .referrerPolicy(policy -> policy.policy(ReferrerPolicy.SAME_ORIGIN))
                .contentSecurityPolicy(policy -> policy.policyDirectives(POLICY)))
        .exceptionHandling(failures ->
            failures
                .authenticationEntryPoint(new ToSignIn())
                .accessDeniedHandler((request, response, denied) -> {
                  response.setStatus(HttpStatus.FORBIDDEN.value());
                  request.getRequestDispatcher("/console/refused").forward(request, response);
                }))
        .csrf(csrf ->
            csrf.csrfTokenRepository(new CsrfCookies())
                // The session is looked up anew with each request, so signing in must not renew the
                // tokens of forms that are already open.
                .sessionAuthenticationStrategy(new NullAuthenticatedSessionStrategy()))
        .sessionManagement(
            session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .build();
  }

  /**
   * Leads to the sign-in page. A loaded part of a page cannot show it, so the whole page is
   * replaced.
   */
  private static final class ToSignIn implements AuthenticationEntryPoint {

    @Override
    public void commence(
        HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
        throws IOException {
      if (request.getHeader("HX-Request") != null) {
        response.setStatus(HttpStatus.UNAUTHORIZED.value());
        response.setHeader("HX-Redirect", SIGN_IN);
        return;
      }
      var wanted = request.getRequestURI();
      boolean comesBack = request.getMethod().equals("GET") && !wanted.equals("/");
      response.sendRedirect(
          comesBack
              ? SIGN_IN + "?to=" + URLEncoder.encode(wanted, StandardCharsets.UTF_8)
              : SIGN_IN);
    }
  }
}
