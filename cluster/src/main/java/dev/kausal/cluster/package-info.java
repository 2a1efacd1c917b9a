/** Runs on Spark: a driver over the parts of a run, and the tasks that compute them. */
@NullMarked
package dev.kausal.cluster;

import org.jspecify.annotations.NullMarked;
