/**
 * What receiver and worker must do alike: the queue message, phone numbers, picture urls, links to
 * avatars, how rows reach the database's functions, and how secrets come from files.
 */
@NullMarked
package dev.profilepic.contract;

import org.jspecify.annotations.NullMarked;
