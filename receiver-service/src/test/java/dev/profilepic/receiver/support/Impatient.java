package dev.profilepic.receiver.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/**
 * A receiver that waits briefly for slow callers, and whose clock a test may move; all tests that
 * need one share it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Import(MovableClock.class)
@TestPropertySource(properties = "server.tomcat.connection-timeout=500ms")
public @interface Impatient {}
