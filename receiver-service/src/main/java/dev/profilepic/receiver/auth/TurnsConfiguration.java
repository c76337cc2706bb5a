package dev.profilepic.receiver.auth;

import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Puts the operators' turns around the controllers, behind the checks of forms. */
@Configuration(proxyBeanMethods = false)
class TurnsConfiguration implements WebMvcConfigurer {

  private final OperatorTurns turns;

  TurnsConfiguration(OperatorTurns turns) {
    this.turns = turns;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(turns).order(Ordered.LOWEST_PRECEDENCE);
  }
}
