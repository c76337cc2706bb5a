package dev.profilepic.worker.refreshes;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How leads whose next check is due are fed. {@code profile-pic.pictures} says when a check is due.
 *
 * @param enabled whether this worker feeds them
 */
@Validated
@ConfigurationProperties("profile-pic.refresh")
record RefreshProperties(@DefaultValue("true") boolean enabled) {}
