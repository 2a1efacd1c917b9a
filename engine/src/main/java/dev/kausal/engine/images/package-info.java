/** Converts PNG, JPEG, GIF, WebP, BMP and TIFF files to a vision model's pixels. Needs no display. */
@NullMarked
package dev.kausal.engine.images;

import org.jspecify.annotations.NullMarked;
