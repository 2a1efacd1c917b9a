/** Reads small files of unchecked size, up to a limit. */
package dev.kausal.engine.files;
