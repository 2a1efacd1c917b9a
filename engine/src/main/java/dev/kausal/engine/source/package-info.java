/**
 * Resolves references such as {@code hf:owner/name} to files on this machine: the Hub, Python wheels, embedded models,
 * and their shared cache. It opens no model.
 */
@NullMarked
package dev.kausal.engine.source;

import org.jspecify.annotations.NullMarked;
