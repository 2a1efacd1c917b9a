/**
 * The rules that turn a plan into a cheaper one with the same results. Each is one small class that states its reason, and they
 * look at plans, never at values.
 */
@NullMarked
package dev.kausal.engine.plan.rewrite;

import org.jspecify.annotations.NullMarked;
