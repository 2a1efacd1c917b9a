/**
 * Local replacement models, in which transcoders stand for MLPs and everything that is not linear is constant, and the
 * attribution graphs that follow from them (Ameisen et al. 2025).
 */
@NullMarked
package dev.kausal.engine.replacement;

import org.jspecify.annotations.NullMarked;
