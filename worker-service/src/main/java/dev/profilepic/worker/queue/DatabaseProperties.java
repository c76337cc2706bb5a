package dev.profilepic.worker.queue;

import dev.profilepic.contract.DatabaseConnection;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The kind of connection to the database.
 *
 * @param connection the server, or a kind of pooler
 */
@Validated
@ConfigurationProperties("profile-pic.database")
record DatabaseProperties(@DefaultValue("direct") @NotNull DatabaseConnection connection) {}
