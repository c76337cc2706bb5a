package dev.profilepic.worker.lids;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How sources are asked for the numbers of LIDs.
 *
 * @param enabled whether this worker asks
 */
@Validated
@ConfigurationProperties("profile-pic.lids")
record LidProperties(@DefaultValue("true") boolean enabled) {}
