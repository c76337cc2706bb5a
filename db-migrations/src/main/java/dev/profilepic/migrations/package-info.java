/** The database part of the product: Flyway migrations, and the program that runs them. */
@NullMarked
package dev.profilepic.migrations;

import org.jspecify.annotations.NullMarked;
