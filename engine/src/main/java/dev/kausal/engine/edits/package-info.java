/**
 * What an edit touches and what it writes: one class per kind of replacement, with its own behaviour, and two ways to
 * make edits, singly or in batches. It uses hook points, but no plans and no executors.
 */
@NullMarked
package dev.kausal.engine.edits;

import org.jspecify.annotations.NullMarked;
