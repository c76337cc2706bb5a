package dev.profilepic.receiver.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/**
 * A receiver that waits only briefly for slow callers, with a clock that a test may move. All tests
 * that need such a receiver share one.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Import(MovableClock.class)
@TestPropertySource(properties = "server.tomcat.connection-timeout=500ms")
public @interface Impatient {}
