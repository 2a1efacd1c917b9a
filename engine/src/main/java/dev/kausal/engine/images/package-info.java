/** From PNG, JPEG, GIF, WebP, BMP and TIFF files to the pixels that a vision model reads. Opens no window: it runs without a display. */
@NullMarked
package dev.kausal.engine.images;

import org.jspecify.annotations.NullMarked;
