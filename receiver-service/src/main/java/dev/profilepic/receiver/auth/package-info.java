/** Access rights: API keys, their scopes, and the security filter chain. */
@NullMarked
package dev.profilepic.receiver.auth;

import org.jspecify.annotations.NullMarked;
