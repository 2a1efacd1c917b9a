package dev.kausal.experiments.bundle

import java.nio.file.Path

/** A run that never ends by itself: for the test that interrupts it. */
fun main(arguments: Array<String>) {
    BundleWriter.open(Path.of(arguments.single()), "waiting").use {
        println("open")
        Thread.sleep(60_000)
    }
}
