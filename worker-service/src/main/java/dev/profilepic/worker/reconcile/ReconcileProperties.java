package dev.profilepic.worker.reconcile;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the CRM's rows are compared with the state of their leads.
 *
 * @param enabled whether this worker takes part
 * @param batch leads per step, a step every 5 s
 */
@Validated
@ConfigurationProperties("profile-pic.reconcile")
record ReconcileProperties(
    @DefaultValue("true") boolean enabled, @DefaultValue("500") @Min(10) @Max(10_000) int batch) {}
