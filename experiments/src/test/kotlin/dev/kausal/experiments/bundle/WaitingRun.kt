package dev.kausal.experiments.bundle

import dev.kausal.bundle.BundleWriter
import dev.kausal.experiments.cli.BarProgress
import dev.kausal.experiments.cli.Console
import java.nio.file.Path

/** A run that never ends its second stage by itself: for the test that interrupts it. */
fun main(arguments: Array<String>) {
    BundleWriter.open(Path.of(arguments.single()), "waiting").use {
        println("open")
        val bar = BarProgress(Console(System.out, System.err))
        bar.begin("first", 2, "cells")
        Thread.sleep(500)
        bar.end()
        Thread.sleep(500)
        bar.begin("second", 2, "cells")
        Thread.sleep(60_000)
    }
}
