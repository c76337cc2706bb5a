package dev.profilepic.receiver.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.context.TestPropertySource;

/** A receiver that waits briefly for slow callers; all tests that need one share it. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@TestPropertySource(
    properties = {
      "server.tomcat.connection-timeout=500ms",
      "profile-pic.avatars.sending.timeout=2s"
    })
public @interface Impatient {}
