package dev.profilepic.receiver.console;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The figures by minute that the console's charts show.
 *
 * @param keep how long figures are kept; the charts show a day
 */
@Validated
@ConfigurationProperties("profile-pic.figures")
record FiguresProperties(
    @DefaultValue("3d") @DurationMin(days = 1) @DurationMax(days = 30) Duration keep) {}
