package dev.profilepic.worker.reconcile;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the comparison of the CRM's rows with the state of their leads.
 *
 * @param enabled whether this worker takes part
 */
@Validated
@ConfigurationProperties("profile-pic.reconcile")
record ReconcileProperties(@DefaultValue("true") boolean enabled) {}
