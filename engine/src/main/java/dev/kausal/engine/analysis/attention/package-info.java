/**
 * Analyses of attention patterns, on text and images: measures, rollout, relevance maps, removal of positions. It may
 * use everything but training and certification.
 */
@NullMarked
package dev.kausal.engine.analysis.attention;

import org.jspecify.annotations.NullMarked;
