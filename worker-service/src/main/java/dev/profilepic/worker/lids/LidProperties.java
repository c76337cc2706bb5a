package dev.profilepic.worker.lids;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the job that asks sources for the numbers of LIDs.
 *
 * @param enabled whether this worker asks
 */
@Validated
@ConfigurationProperties("profile-pic.lids")
record LidProperties(@DefaultValue("true") boolean enabled) {}
