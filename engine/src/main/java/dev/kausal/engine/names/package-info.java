/**
 * Suggests existing names for one that does not exist, for messages. It uses no other package.
 */
@NullMarked
package dev.kausal.engine.names;

import org.jspecify.annotations.NullMarked;
