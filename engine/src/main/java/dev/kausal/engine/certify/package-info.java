/**
 * Compares a model with the reference library, with itself under another executor, and with a round trip of its weights, and
 * writes a certificate of what was compared and how large the differences were. It may use every other package.
 */
@NullMarked
package dev.kausal.engine.certify;

import org.jspecify.annotations.NullMarked;
