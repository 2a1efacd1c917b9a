/**
 * Analyses that read a run without replacing anything: direct logit attribution, the logit lens, attribution to inputs,
 * and directions in the residual stream. They run a {@link dev.kausal.engine.model.HookedModel} themselves, and use
 * gradients and circuits, but no plan.
 */
@NullMarked
package dev.kausal.engine.analysis;

import org.jspecify.annotations.NullMarked;
