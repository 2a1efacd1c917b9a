/** From PNG, JPEG, GIF and BMP files to the pixels that a vision model reads. Opens no window: it runs without a display. */
package dev.kausal.engine.images;
