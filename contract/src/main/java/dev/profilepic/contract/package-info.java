/**
 * Rules and formats that receiver and worker share: the queue message, phone numbers, picture urls,
 * links to avatars, parameters of the database's functions, and secrets from files.
 */
@NullMarked
package dev.profilepic.contract;

import org.jspecify.annotations.NullMarked;
