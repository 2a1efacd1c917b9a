/**
 * Rules that turn a plan into a cheaper one with the same results. Each is one small class that states its reason, and
 * depends on plans only, never on values.
 */
@NullMarked
package dev.kausal.engine.plan.rewrite;

import org.jspecify.annotations.NullMarked;
