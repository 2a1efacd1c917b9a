package dev.kausal.reports.browser

import dev.kausal.bundle.Bundle
import dev.kausal.reports.Fixtures
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Results
import kotlin.math.sin

/** A heat map of 100 layers by 100 positions. */
internal object LargeFixture {
    private const val SIDE = 100

    fun bundle(
        examples: Int = 3,
        side: Int = SIDE,
    ): Bundle {
        val axes = listOf("layer", "position").map { name -> AxisSpec(name, List(side) { "$it" }) }
        val one = Fixtures.patch(examples)
        val mean = List(side * side) { sin(it / 700.0) }
        val large = one.copy(
            axes = axes,
            shape = listOf(side, side),
            mean = mean,
            perExample = List(examples) { e -> mean.map { it * (0.5 + e) } },
            plain = null,
            audit = null,
        )
        val bundle = Fixtures.bundle(examples)
        return bundle.copy(results = Results(results = listOf(large) + bundle.results.results.drop(1)))
    }

    /** Milliseconds of 60 frames in each of which the pointer enters another cell. */
    const val MOVES: String =
        "const done = arguments[0]; const cells = document.querySelectorAll('#figure-1 [data-c]'); const times = [];" +
            "let last = performance.now(); const frame = (now) => { times.push(now - last); last = now;" +
            "if (times.length > 60) return done(times.slice(1));" +
            "cells[(times.length * 163) % cells.length].dispatchEvent(new PointerEvent('pointermove', " +
            "{ bubbles: true, clientX: times.length * 5, clientY: 300 })); requestAnimationFrame(frame); };" +
            "requestAnimationFrame(frame);"

    /** The same while the range of the colours moves. */
    const val SLIDES: String =
        "const done = arguments[0]; const times = [];" +
            "const slider = document.querySelector('#figure-1 input[type=range]'); let last = performance.now();" +
            "const frame = (now) => { times.push(now - last); last = now;" +
            "if (times.length > 60) return done(times.slice(1)); slider.value = -times.length / 30;" +
            "slider.dispatchEvent(new Event('input')); requestAnimationFrame(frame); };" +
            "requestAnimationFrame(frame);"

    /** The middle and the slowest of frame times. */
    fun times(frames: List<*>): String {
        val sorted = frames.map { (it as Number).toDouble() }.sorted()
        return "%.0f ms (slowest %.0f ms)".format(java.util.Locale.ROOT, sorted[sorted.size / 2], sorted.last())
    }
}
