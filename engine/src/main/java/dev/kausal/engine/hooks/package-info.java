/**
 * The named points of a forward pass, their axes, and the hooks that may be registered at them. It uses configs, but
 * neither weights nor the maths.
 */
@NullMarked
package dev.kausal.engine.hooks;

import org.jspecify.annotations.NullMarked;
