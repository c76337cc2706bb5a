package dev.profilepic.worker.refreshes;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the job that feeds leads whose next check is due. {@code profile-pic.pictures} says
 * when a check is due.
 *
 * @param enabled whether this worker feeds the leads
 */
@Validated
@ConfigurationProperties("profile-pic.refresh")
record RefreshProperties(@DefaultValue("true") boolean enabled) {}
