/**
 * How the positions of several inputs are packed into one array: layouts, groups that attend together, masks, shared
 * prefixes. It uses configs and inputs, but neither weights nor the maths.
 */
@NullMarked
package dev.kausal.engine.rows;

import org.jspecify.annotations.NullMarked;
