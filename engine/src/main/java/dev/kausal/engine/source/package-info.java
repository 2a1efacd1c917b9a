/**
 * From a reference such as {@code hf:owner/name} to files on this machine: the hub, Python wheels, embedded models, and the
 * cache they share. It opens no model.
 */
@NullMarked
package dev.kausal.engine.source;

import org.jspecify.annotations.NullMarked;
