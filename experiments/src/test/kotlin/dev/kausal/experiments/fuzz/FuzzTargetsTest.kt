package dev.kausal.experiments.fuzz

import dev.kausal.engine.fuzz.Mutants
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe

/** Bundles and entries of caches with changes that are the same each time: they are read, or an error says what is wrong. */
class FuzzTargetsTest :
    FunSpec({
        for (target in BundleFormat.entries + CacheEntry.entries) {
            test("${target.title()}: valid files are accepted") {
                val folder = tempdir().toPath()
                for (seed in 0 until target.seeds()) {
                    target.read(seed, target.seed(seed), folder) shouldBe true
                }
            }

            test("${target.title()}: changed files") {
                Mutants.failures(target, count(target.title()), tempdir().toPath()).shouldBeEmpty()
            }
        }
    })

/** A page takes milliseconds. */
private fun count(target: String): Int = if (target == BundleFormat.BUNDLE.name) 300 else 600
