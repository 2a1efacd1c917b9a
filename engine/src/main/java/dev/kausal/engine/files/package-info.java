/** Reads small files of unknown size, up to a limit. */
@NullMarked
package dev.kausal.engine.files;

import org.jspecify.annotations.NullMarked;
