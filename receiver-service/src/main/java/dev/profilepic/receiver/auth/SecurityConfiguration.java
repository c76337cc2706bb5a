package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
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
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.authentication.AuthenticationFilter;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;

/** Which scope opens which path. What is not named here is closed. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  @Bean
  AuthenticationManager authenticationManager(KeyAuthentication keys) {
    return new ProviderManager(keys);
  }

  @Bean
  SecurityFilterChain security(
      HttpSecurity http, AuthenticationManager manager, ProblemWriter problems) {
    AuthenticationEntryPoint unauthorized =
        (request, response, failure) ->
            problems.write(
                new ProblemException(
                    Problem.UNAUTHORIZED,
                    "Send a key: Authorization: Bearer KEY, or x-api-token, or apikey."),
                response);
    AccessDeniedHandler forbidden =
        (request, response, failure) ->
            problems.write(
                new ProblemException(Problem.FORBIDDEN, "Use a key with the scope that is needed."),
                response);
    return http.authorizeHttpRequests(paths ->
            paths
                // Health and metrics listen on a port of their own, which is not published.
                .requestMatchers(EndpointRequest.toAnyEndpoint())
                .permitAll()
                // Signed links: browsers that show photos have no key.
                .requestMatchers(HttpMethod.GET, "/avatars/*")
                .permitAll()
                .requestMatchers("/error")
                .permitAll()
                .requestMatchers("/profile-pics")
                .hasAuthority("ingest")
                .requestMatchers(HttpMethod.GET, "/**")
                .hasAuthority("read")
                .anyRequest()
                .hasAuthority("operate"))
        .addFilterBefore(
            keyFilter(manager, unauthorized), UsernamePasswordAuthenticationFilter.class)
        .exceptionHandling(failures ->
            failures.authenticationEntryPoint(unauthorized).accessDeniedHandler(forbidden))
        .sessionManagement(
            session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        // No cookies, so nothing that a forged request could ride on.
        .csrf(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .anonymous(Customizer.withDefaults())
        .build();
  }

  private static AuthenticationFilter keyFilter(
      AuthenticationManager manager, AuthenticationEntryPoint unauthorized) {
    var filter = new AuthenticationFilter(manager, PresentedKey::of);
    filter.setSuccessHandler((request, response, caller) -> {});
    filter.setFailureHandler(unauthorized::commence);
    return filter;
  }
}
