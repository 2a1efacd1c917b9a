/**
 * What an edit of an activation touches and what it writes there: one class per kind of replacement, each of which answers for
 * itself, and the two ways to make an edit, alone or many at once. It uses hook points, but knows no plan and no executor.
 */
@NullMarked
package dev.kausal.engine.edits;

import org.jspecify.annotations.NullMarked;
