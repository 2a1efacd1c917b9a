/**
 * Compares a model with its reference library, its executors with each other, and its tokenizer with itself, and writes
 * a certificate of the differences. It may use every other package.
 */
@NullMarked
package dev.kausal.engine.certify;

import org.jspecify.annotations.NullMarked;
