/**
 * Analyses of attention patterns and of what they say about an image: measures, rollout, relevance maps, removal of positions.
 * It may use everything but training and certification.
 */
@NullMarked
package dev.kausal.engine.analysis.attention;

import org.jspecify.annotations.NullMarked;
