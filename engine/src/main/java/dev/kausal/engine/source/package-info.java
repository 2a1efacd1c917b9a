/**
 * From a reference such as {@code hf:owner/name} to files on this machine: the hub, Python wheels, embedded models, and the
 * cache they share. It opens no model.
 */
package dev.kausal.engine.source;
