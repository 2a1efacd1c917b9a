/**
 * Measures of attention: arrays in, arrays out, each with its definition and source.
 *
 * <p>Patterns are read once by {@link dev.kausal.engine.analysis.attention.AttentionPattern} and are Java arrays from
 * then on, so that nothing here owns native memory. All sums are in double precision.
 */
package dev.kausal.engine.analysis.attention;
