/** Reading of small files whose size nobody has checked. */
package dev.kausal.engine.files;
